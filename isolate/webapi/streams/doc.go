// Package streams is the Streams standard (https://streams.spec.whatwg.org/), with the
// IdentityTransformStream and FixedLengthStream of Workers.
//
// # Streams that Go makes
//
// NewFromBody, NewFromBytes and NewFromSource make a readable byte stream of what Go
// has. Bytes are read on goroutines, one Read at a time, when a script asks for them.
// Until then Go may take them back: TakeSource returns the source itself, so that a
// fetched body that is returned as a response, compressed or decoded on the way, never
// passes through JavaScript. Tee, PipeThrough and the pipe operations of scripts know
// such streams and join readers instead of moving chunks wherever no script can tell.
//
// # Streams that Go reads
//
// Body gives a reader for use outside the isolate of any stream, made by Go or by a
// script; ReadAll collects all bytes on the loop. Locked, Disturbed, Cancel and Tee are
// what the Body mixin of the Fetch standard needs, Proxy what its constructors need.
//
// # Transform streams that Go makes
//
// NewTransform takes chunks as JavaScript values (a decoder that yields strings),
// NewByteTransform bytes (a compressor); the class that a script sees keeps the
// TransformStream and returns its Readable and Writable sides.
//
// # Order
//
// The algorithms run in the microtasks that the standard prescribes. Promises that no
// script sees are Go values (type promise). Everything must be called on the isolate's
// turn unless it says otherwise; whoever comes from a goroutine wraps several steps in
// Realm.Atomically.
package streams
