// Package script is the vocabulary of what is deployed: accounts, scripts, their
// immutable versions, deployments, bindings, secrets, routes, KV namespaces, static
// assets, API tokens and the audit log, and the Store that keeps them.
//
// The packages around it (control plane, dispatch, cron, metering) share these plain
// values and learn of changes through Store.Subscribe; none of them writes the
// database by itself.
//
// Lock order: Store.Update holds the store's own lock around the database transaction
// and the calls to subscribers. A subscriber may call View, never Update.
package script
