// Package compression is the Compression standard (https://compression.spec.whatwg.org/):
// CompressionStream and DecompressionStream in the formats gzip, deflate (zlib),
// deflate-raw and brotli.
//
// A stream that Go makes and that is piped through one of them stays Go's: the work is
// then done by whoever reads the result, on a goroutine of its own. Chunks that a
// script writes are worked on during its turn.
package compression
