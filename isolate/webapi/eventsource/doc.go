// Package eventsource is EventSource, which reads server-sent events:
// https://html.spec.whatwg.org/multipage/server-sent-events.html
//
// As on Workers it lives no longer than the invocation that made it, and can read a
// stream that the script has: EventSource.from(stream).
package eventsource
