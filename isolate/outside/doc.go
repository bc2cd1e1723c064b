// Package outside is the one narrow interface between an isolate and everything
// that is not in it: the HTTP message that started an invocation, outbound fetch,
// KV, the cache, service bindings, logs and the closing report.
//
// Every type here is a plain value or an interface of plain values. None refers to
// the JavaScript engine, the HTTP server or the store, so the same calls work in
// one process and across the socket of a contained host process.
package outside
