package kv

import (
	"bytes"
	"strings"
	"testing"
)

func FuzzDecodeHead(f *testing.F) {
	for _, h := range []head{{}, {size: 3, value: []byte("abc")}, {size: 5000, large: true, expiration: 1 << 40},
		{metadata: []byte(`{"a":1}`), size: 1, value: []byte{0}, expiration: 1}} {
		f.Add(h.encode())
	}
	f.Add([]byte{headMetadata, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1})
	f.Add([]byte{headExpires, 1, 2})
	f.Fuzz(func(t *testing.T, b []byte) {
		h, err := decodeHead(b)
		if err != nil {
			return
		}
		again, err := decodeHead(h.encode())
		if err != nil || again.expiration != h.expiration || again.size != h.size || again.large != h.large ||
			!bytes.Equal(again.metadata, h.metadata) || !bytes.Equal(again.value, h.value) {
			t.Errorf("%x: %+v became %+v, %v", b, h, again, err)
		}
	})
}

func FuzzDecodeCursor(f *testing.F) {
	f.Add(encodeCursor("key", "k"), "k")
	f.Add(encodeCursor("", ""), "")
	f.Add("AQAAAAA", "")
	f.Add("not base64!", "x")
	f.Add("AcQfxL\r5rZXk", "k")
	f.Fuzz(func(t *testing.T, cursor, prefix string) {
		key, ok := decodeCursor(cursor, prefix)
		if !ok || cursor == "" {
			return
		}
		if !strings.HasPrefix(key, prefix) || encodeCursor(key, prefix) != cursor {
			t.Errorf("cursor %q with prefix %q gives key %q", cursor, prefix, key)
		}
	})
}
