// Package kvnamespace is the KVNamespace binding of Workers.
// https://developers.cloudflare.com/kv/api/
package kvnamespace
