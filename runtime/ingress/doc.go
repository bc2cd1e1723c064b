// Package ingress is the data plane's HTTP/1.1 server: it turns connections into
// Exchanges, hands each to one Handler, and writes what the handler answers.
//
// Request heads are parsed by fasthttp. The connection loop around the parser is
// our own, because a front end for workers needs what fasthttp.Server cannot give
// together: an idle connection that holds no buffer while heads may be 128 KB,
// time limits for each phase of a request instead of one for all of it, request
// bodies that outlive the handler safely, and notice of a client that has left
// while its worker is still waiting.
//
// # Goroutines and locks
//
// Each connection is served by one goroutine, which alone owns its conn and its
// Exchange. One sweeper goroutine per Server advances the coarse clock, enforces
// the time limits and looks for clients that have left; it touches a conn only
// through atomics (conn.reading, conn.writing, conn.watch) and net.Conn's own
// deadlines. A streamed request body may be read by any goroutine, also after the
// handler has returned; requestBody.mu orders it with the connection's goroutine.
// Server.mu guards the sets of listeners and connections and is never held while
// blocking.
//
// Nothing here knows JavaScript, routing or storage: requests and responses cross
// as the plain values of package outside.
package ingress
