// Package messaging is channel messaging of the HTML standard:
// https://html.spec.whatwg.org/#channel-messaging
//
// Both ends of a channel live in one isolate. A message is delivered in a turn of its own.
package messaging
