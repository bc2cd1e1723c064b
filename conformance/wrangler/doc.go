// Package wrangler drives the real, unmodified wrangler against Mayfly's control plane.
// It has tests only. They need npm; MAYFLY_REQUIRE_NPM=1 turns their being skipped into
// a failure. MAYFLY_WRANGLER_DIR names a directory in which wrangler is installed
// already, MAYFLY_WRANGLER_VERSION another version to install.
//
// By default the control plane under test runs in the test's process with a validator
// that accepts everything. With MAYFLY_CONTROL=URL and MAYFLY_TOKEN it is a running
// server instead.
package wrangler
