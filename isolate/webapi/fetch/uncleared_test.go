package fetch

import (
	"bytes"
	"context"
	"io"
	"testing"

	"github.com/mayfly-edge/mayfly/isolate/outside"
)

// TestUncleared reads bodies of an announced length, which may be wrong, into memory that
// holds what nobody may see.
func TestUncleared(t *testing.T) {
	for _, announced := range []int64{1, 3, 4, 600, 1 << 20} {
		for _, length := range []int{0, 3, 4, 601} {
			room := uncleared(announced + 1)
			if len(room) != 0 || int64(cap(room)) < announced+1 {
				t.Fatalf("room for %d: %d bytes of %d", announced+1, len(room), cap(room))
			}
			copy(room[:cap(room)], bytes.Repeat([]byte("secret"), cap(room)/6+1))
			want := bytes.Repeat([]byte("x"), length)
			body := outside.Body{Stream: io.NopCloser(bytes.NewReader(want)), Length: announced}
			if got, err := readAll(context.Background(), body, room); err != nil || !bytes.Equal(got, want) {
				t.Errorf("%d bytes announced, %d sent: %d, %v", announced, length, len(got), err)
			}
		}
	}
}
