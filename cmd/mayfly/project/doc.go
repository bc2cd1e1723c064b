// Package project reads the project file of a worker, wrangler.jsonc, wrangler.json or
// wrangler.toml, or makes do with a single source file, and bundles the project into
// what is uploaded.
//
// https://developers.cloudflare.com/workers/wrangler/configuration/
package project
