package trace

import (
	"encoding/hex"
	"math/rand/v2"

	"encoding/binary"
)

// A Span is one invocation in a trace. The zero Span is of no trace.
type Span struct {
	trace      [16]byte
	id, parent [8]byte
	sampled    bool
}

// traceparentLength is that of version 00.
const traceparentLength = 55

// Start begins a span that follows the one of a traceparent header, or a new trace when
// that is missing or malformed. On a nil Exporter the span is zero.
func (e *Exporter) Start(traceparent string) Span {
	if e == nil {
		return Span{}
	}
	s, ok := parse(traceparent)
	if !ok {
		s = Span{sampled: true}
		binary.BigEndian.PutUint64(s.trace[:], rand.Uint64())
		binary.BigEndian.PutUint64(s.trace[8:], rand.Uint64()|1) // all zero is not allowed
	}
	s.parent = s.id
	binary.BigEndian.PutUint64(s.id[:], rand.Uint64()|1)
	return s
}

// Traceparent is the header that makes others follow s; "" for the zero Span.
func (s Span) Traceparent() string {
	if s.id == [8]byte{} {
		return ""
	}
	var b [traceparentLength]byte
	copy(b[:], "00-")
	hex.Encode(b[3:], s.trace[:])
	b[35] = '-'
	hex.Encode(b[36:], s.id[:])
	copy(b[52:], "-00")
	if s.sampled {
		b[54] = '1'
	}
	return string(b[:])
}

// parse reads a traceparent header: https://www.w3.org/TR/trace-context/#traceparent-header
func parse(header string) (s Span, ok bool) {
	if len(header) < traceparentLength || header[2] != '-' || header[35] != '-' || header[52] != '-' {
		return Span{}, false
	}
	version, okV := lowerHex(header[:2])
	flags, okF := lowerHex(header[53:55])
	trace, okT := lowerHex(header[3:35])
	id, okI := lowerHex(header[36:52])
	if !okV || !okF || !okT || !okI || version[0] == 0xff {
		return Span{}, false
	}
	// Later versions may add fields after a dash.
	if len(header) > traceparentLength && (version[0] == 0 || header[traceparentLength] != '-') {
		return Span{}, false
	}
	copy(s.trace[:], trace)
	copy(s.id[:], id)
	s.sampled = flags[0]&1 != 0
	return s, s.trace != [16]byte{} && s.id != [8]byte{}
}

func lowerHex(text string) ([]byte, bool) {
	for i := range len(text) {
		if c := text[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return nil, false
		}
	}
	b, err := hex.DecodeString(text)
	return b, err == nil
}
