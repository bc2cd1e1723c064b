// Package metrics counts what the server does for Prometheus.
//
// Record costs a few hundred nanoseconds: the series of a script are looked up once
// and kept. How many scripts have series of their own is bounded; what is over the
// bound is counted under the script "other".
package metrics
