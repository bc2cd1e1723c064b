// Package kvtest proves that an implementation of Workers KV keeps its semantics,
// limits and error texts (https://developers.cloudflare.com/kv/api/). Run it from
// the test of each implementation.
package kvtest
