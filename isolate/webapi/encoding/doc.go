// Package encoding is the Encoding standard (https://encoding.spec.whatwg.org/) with
// atob and btoa, which belong to HTML (https://html.spec.whatwg.org/#atob).
//
// Encoding and Decoder are pure Go: decoders for UTF-8 and UTF-16 are written here, those
// for legacy encodings are golang.org/x/text's.
package encoding
