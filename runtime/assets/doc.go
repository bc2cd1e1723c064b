// Package assets decides how the static files of a version answer a request: which
// file a path means, when to redirect, what a missing file gets, and which headers the
// _headers file adds. It knows no storage: files are named by their hashes.
// https://developers.cloudflare.com/workers/static-assets/
package assets
