// Package tail shows what workers do while they do it: each viewer of a script gets
// one item for each invocation that passes its filters, in the form of Cloudflare's
// tail. https://developers.cloudflare.com/workers/observability/logs/real-time-logs/
//
// Publishing costs an atomic load while nobody watches. A viewer that is slower than
// its script loses items and is told how many.
package tail
