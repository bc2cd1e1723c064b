package host

import (
	"encoding/binary"
	"errors"
	"math"
	"time"
	"unsafe"
)

// The wire form of a value is its fields one after the other: integers as varints,
// strings and byte slices with their length in front. A nil slice is told apart from an
// empty one, because bodies and metadata tell them apart.

func appendUint(b []byte, n uint64) []byte { return binary.AppendUvarint(b, n) }

func appendInt(b []byte, n int64) []byte { return binary.AppendVarint(b, n) }

func appendBool(b []byte, v bool) []byte {
	if v {
		return append(b, 1)
	}
	return append(b, 0)
}

func appendString(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func appendBytes(b, p []byte) []byte {
	if p == nil {
		return append(b, 0)
	}
	return append(binary.AppendUvarint(b, uint64(len(p))+1), p...)
}

func appendStrings(b []byte, list []string) []byte {
	b = appendUint(b, uint64(len(list)))
	for _, s := range list {
		b = appendString(b, s)
	}
	return b
}

// appendTime keeps the instant, to the nanosecond, and the zero time.
func appendTime(b []byte, t time.Time) []byte {
	if t.IsZero() {
		return appendInt(b, math.MinInt64)
	}
	return appendInt(b, t.UnixNano())
}

var errMalformed = errors.New("malformed frame")

// A decoder reads the wire form. What it returns shares memory with its input, which
// nobody may change afterwards. After the first mistake it returns zero values and bad
// is set.
type decoder struct {
	b   []byte
	bad bool
}

func (d *decoder) fail() {
	d.bad = true
	d.b = nil
}

// done returns an error unless the input was well-formed and is used up.
func (d *decoder) done() error {
	if d.bad || len(d.b) > 0 {
		return errMalformed
	}
	return nil
}

func (d *decoder) uint() uint64 {
	if len(d.b) > 0 && d.b[0] < 0x80 {
		n := d.b[0]
		d.b = d.b[1:]
		return uint64(n)
	}
	n, size := binary.Uvarint(d.b)
	if size <= 0 {
		d.fail()
		return 0
	}
	d.b = d.b[size:]
	return n
}

func (d *decoder) int() int64 {
	n, size := binary.Varint(d.b)
	if size <= 0 {
		d.fail()
		return 0
	}
	d.b = d.b[size:]
	return n
}

func (d *decoder) byte() byte {
	if len(d.b) == 0 {
		d.fail()
		return 0
	}
	c := d.b[0]
	d.b = d.b[1:]
	return c
}

func (d *decoder) bool() bool {
	switch d.byte() {
	case 0:
		return false
	case 1:
		return true
	}
	d.fail()
	return false
}

// take returns the next n bytes.
func (d *decoder) take(n uint64) []byte {
	if n > uint64(len(d.b)) {
		d.fail()
		return nil
	}
	p := d.b[:n:n]
	d.b = d.b[n:]
	return p
}

func (d *decoder) string() string {
	p := d.take(d.uint())
	return unsafe.String(unsafe.SliceData(p), len(p))
}

func (d *decoder) bytes() []byte {
	n := d.uint()
	if n == 0 {
		return nil
	}
	return d.take(n - 1)
}

// count reads the length of a list whose elements take at least size bytes each, so
// that a frame cannot ask for more memory than it brings.
func (d *decoder) count(size int) int {
	n := d.uint()
	if n > uint64(len(d.b)/size) {
		d.fail()
		return 0
	}
	return int(n)
}

func (d *decoder) strings() []string {
	n := d.count(1)
	if n == 0 {
		return nil
	}
	list := make([]string, n)
	for i := range list {
		list[i] = d.string()
	}
	return list
}

func (d *decoder) time() time.Time {
	n := d.int()
	if n == math.MinInt64 || d.bad {
		return time.Time{}
	}
	return time.Unix(0, n)
}

func (d *decoder) duration() time.Duration { return time.Duration(d.int()) }
