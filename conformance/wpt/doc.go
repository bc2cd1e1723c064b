// Package wpt runs web-platform-tests (https://web-platform-tests.org) inside workers.
//
// Each *.any.js file becomes a worker: testharness.js, the scripts that the test's META
// comments name, the resources it fetches, and the test itself, started by the first
// request and reporting in the response. So the same test runs in an isolate of this
// process or on any server that takes an upload.
//
// Tests that need what no worker has, such as a document or the WPT server, are left
// out, with the reason. What is known to fail is listed with its reason in expectations,
// and an unexpected pass is as wrong as an unexpected failure.
package wpt
