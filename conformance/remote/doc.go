// Package remote deploys workers to a server through Cloudflare's REST API, so that the
// conformance tests and benchmarks measure any server that takes an upload.
package remote
