// Package clone is structured cloning
// (https://html.spec.whatwg.org/#safe-passing-of-structured-data): structuredClone, what
// passes through message ports, and values as bytes for calls between workers.
//
// A value is written into a Message, which belongs to no realm, and read from it in any
// realm. A Message without held objects is bytes only.
package clone
