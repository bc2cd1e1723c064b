// Package control is the control plane: the HTTP API with which scripts, versions,
// deployments, secrets, routes, KV namespaces, assets and tokens are managed. Paths,
// bodies and answers are those of Cloudflare's API under /client/v4, so that unmodified
// wrangler works; what only Mayfly has is below /client/v4/accounts/{account}/mayfly.
//
// Every request needs an API token, but for the health probes and for addresses that
// carry an unguessable id. Whatever fails leaves everything as it was.
//
// endpoints.go lists all endpoints, envelope.go what answers look like and which error
// has which status and code; each other file is one resource. What the control plane
// needs of the rest of the server is declared in control.go.
//
// https://developers.cloudflare.com/api/
package control
