package main

import "github.com/mayfly-edge/mayfly/conformance/npm"

// What is fetched from npm.
const (
	workerdVersion   = "1.20261117.1"
	miniflareVersion = npm.Miniflare
	denoVersion      = "2.9.6"
)
