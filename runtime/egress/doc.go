// Package egress performs the outbound requests of workers: the fetch() behind
// outside.Outside. It follows redirects as the Fetch standard says, decodes
// compressed bodies as they stream, and refuses to connect to private networks,
// looking at the address that is really dialled, after name resolution, so that
// no name, literal or redirect can lead into the operator's network.
//
// A Client is safe for use by many goroutines; it owns a connection pool.
package egress
