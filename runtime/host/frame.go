package host

import (
	"bytes"
	"encoding/binary"
	"fmt"
)

// A frame is a header of nine bytes and a payload:
//
//	length  uint32, little-endian, of the payload
//	kind    uint8
//	id      uint32, little-endian: of the event, call or stream that it is about
//
// Ids are given out by the side that opens what they name; the kind tells whose they are.
const headerLen = 9

// maxFrame bounds a payload. The largest is a KV value of 25 MiB with its key, or an
// upload with its bindings.
const maxFrame = 128 << 20

type kind uint8

const (
	// From the server.
	kSetup     kind = iota + 1 // first of all: settings of the child
	kVersion                   // id: version number; what is to run
	kRetire                    // id: version number
	kFetch                     // id: event
	kScheduled                 // id: event
	kRPC                       // id: event
	kInvoke                    // id: event
	kKeep                      // id: version number; how many isolates are kept
	kCancel                    // id: event; nobody waits for its answer any more
	kReply                     // id: call; the answer to a call of the child's
	kAsk                       // id: errand; build, validate, prewarm

	// From the child.
	kReady  // its sandbox is in force
	kAnswer // id: event; its response, and its report if that is known
	kReport // id: event; its report
	kLog    // id: event; one console line
	kCall   // id: call; something outside is asked for
	kUncall // id: call; the answer is not needed any more
	kErrand // id: errand; its result

	// From either. The first three are about a stream of the sender's, the others
	// about one of the receiver's.
	kChunk  kind = iota + 64 // bytes
	kEnd                     // the end
	kBroken                  // the end by an error
	kCredit                  // how many bytes more may be sent
	kStop                    // no more is wanted

	kBlock  // bytes of a stream of the sender's, in a block of its slab
	kReturn // id: block of the receiver's slab, which is free again
	kRecall // blocks of the sender's slab are short
)

// frames cuts what is read from a link into frames.
type frames struct {
	buf        []byte
	start, end int // what is read and not yet cut
}

// readAhead is how much of what the other side has sent is read at once.
const readAhead = 64 << 10

// room returns where to read to. Memory is taken as the bytes come, not on the word of
// the other side.
func (f *frames) room() []byte {
	if f.start > 0 {
		f.end = copy(f.buf, f.buf[f.start:f.end])
		f.start = 0
	}
	if f.end == len(f.buf) {
		b := make([]byte, max(readAhead, 2*len(f.buf)))
		copy(b, f.buf)
		f.buf = b
	}
	return f.buf[f.end:]
}

// next cuts off a frame, whose payload is the caller's. ok is false if more has to be
// read.
func (f *frames) next() (k kind, id uint32, payload []byte, ok bool, err error) {
	b := f.buf[f.start:f.end]
	if len(b) < headerLen {
		return 0, 0, nil, false, nil
	}
	n := int(binary.LittleEndian.Uint32(b))
	if n > maxFrame {
		return 0, 0, nil, false, fmt.Errorf("a frame of %d bytes: the limit is %d", n, maxFrame)
	}
	if len(b) < headerLen+n {
		return 0, 0, nil, false, nil
	}
	k, id = kind(b[4]), binary.LittleEndian.Uint32(b[5:])
	payload, b = b[headerLen:headerLen+n:headerLen+n], b[headerLen+n:]
	if n > readAhead { // worth more than the buffer it came in
		f.buf = make([]byte, max(readAhead, len(b)))
		f.start, f.end = 0, copy(f.buf, b)
		return k, id, payload, true, nil
	}
	f.start += headerLen + n
	return k, id, bytes.Clone(payload), true, nil
}
