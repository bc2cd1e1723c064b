package websocket

import (
	"bufio"
	"bytes"
	"io"
	"strings"
	"testing"
)

var key = [4]byte{1, 2, 3, 4}

// frame is a frame as a client sends it, or a server.
func frame(first byte, payload string, client bool) []byte {
	if client {
		b := AppendFrame(nil, 0, []byte(payload), &key)
		b[0] = first
		return b
	}
	b := AppendFrame(nil, 0, []byte(payload), nil)
	b[0] = first
	return append(b, payload...)
}

// TestRoundTrip checks each length of a frame's length, both ways.
func TestRoundTrip(t *testing.T) {
	for _, client := range []bool{true, false} {
		for _, n := range []int{0, 1, 7, 8, 125, 126, 127, 0xffff, 0x10000, 1 << 20} {
			text := strings.Repeat("x", n)
			in := append(frame(0x01, text[:n/2], client), frame(0x80, text[n/2:], client)...)
			r := NewReader(bufio.NewReader(bytes.NewReader(in)), client, 1<<20)
			m, err := r.Next()
			if err != nil || m.Op != OpText || string(m.Data) != text {
				t.Errorf("client %v, %d bytes: %d bytes of op %d, %v", client, n, len(m.Data), m.Op, err)
			}
			if _, err = r.Next(); err != io.EOF {
				t.Errorf("client %v, %d bytes: then %v", client, n, err)
			}
		}
	}
}

func TestProtocolErrors(t *testing.T) {
	for _, c := range []struct {
		name   string
		client bool
		in     []byte
		want   int
	}{
		{"unmasked", true, frame(0x81, "a", false), CloseProtocol},
		{"masked", false, frame(0x81, "a", true), CloseProtocol},
		{"reserved", false, frame(0xc1, "a", false), CloseProtocol},
		{"opcode", false, frame(0x83, "a", false), CloseProtocol},
		{"long ping", false, frame(0x89, strings.Repeat("x", 126), false), CloseProtocol},
		{"continuation of nothing", false, frame(0x80, "a", false), CloseProtocol},
		{"text within text", false, append(frame(0x01, "a", false), frame(0x81, "b", false)...), CloseProtocol},
		{"length too long", false, []byte{0x81, 126, 0, 1, 'a'}, CloseProtocol},
		{"not UTF-8", false, frame(0x81, "\xff", false), CloseInvalidData},
		{"too big", false, frame(0x82, strings.Repeat("x", 17), false), CloseTooBig},
		{"too big in parts", false, append(frame(0x02, "123456789", false), frame(0x80, "12345678", false)...), CloseTooBig},
		{"huge length", false, []byte{0x82, 127, 0x7f, 0, 0, 0, 0, 0, 0, 0}, CloseTooBig},
	} {
		r := NewReader(bufio.NewReader(bytes.NewReader(c.in)), c.client, 16)
		_, err := r.Next()
		if p := AsProtocolError(err); p == nil || p.Code != c.want {
			t.Errorf("%s: %v, want a close with %d", c.name, err, c.want)
		}
	}
}

func FuzzFrames(f *testing.F) {
	f.Add(frame(0x81, "hello", true))
	f.Add(bytes.Join([][]byte{frame(0x01, "a", true), frame(0x89, "b", true), frame(0x80, "c", true), frame(0x88, "\x03\xe8", true)}, nil))
	f.Add([]byte{0x82, 0xff, 0, 0, 0, 0, 0x7f, 0, 0, 0, 1, 2, 3, 4, 5})
	f.Fuzz(func(t *testing.T, in []byte) {
		r := NewReader(bufio.NewReader(bytes.NewReader(in)), len(in)%2 == 0, 1<<16)
		for total := 0; ; {
			m, err := r.Next()
			if err != nil {
				if AsProtocolError(err) == nil && err != io.EOF && err != io.ErrUnexpectedEOF {
					t.Fatalf("unexpected error %v", err)
				}
				return
			}
			if total += len(m.Data); total > len(in) {
				t.Fatalf("%d bytes of messages from %d bytes of input", total, len(in))
			}
			if m.Op == OpClose {
				if _, _, err := ParseClose(m.Data); err != nil && AsProtocolError(err) == nil {
					t.Fatal(err)
				}
			}
		}
	})
}
