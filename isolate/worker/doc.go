// Package worker loads one version of a worker into an isolate and hands it events.
//
// A Worker is made from a compiled program and a Spec, both plain values, and
// reaches everything else through outside.Outside. Whoever calls Fetch or Scheduled
// lends the goroutine on which the first turn runs; later turns run on the goroutines
// that bring their tasks.
package worker
