package compression

import (
	"bytes"
	"io"
	"testing"
)

// FuzzDecompressor checks that pushing input in pieces gives what reading it does.
func FuzzDecompressor(f *testing.F) {
	for _, name := range []format{formatGzip, formatDeflate, formatDeflateRaw, formatBrotli} {
		var b bytes.Buffer
		w := name.writer(&b)
		io.WriteString(w, "some text, some more text")
		w.Close()
		f.Add(string(name), b.Bytes(), 3)
		f.Add(string(name), b.Bytes()[:b.Len()-2], 1)
		f.Add(string(name), append(b.Bytes(), 0), 100)
	}
	f.Add("gzip", []byte{}, 1)
	f.Fuzz(func(t *testing.T, name string, input []byte, size int) {
		switch format(name) {
		case formatGzip, formatDeflate, formatDeflateRaw, formatBrotli:
		default:
			return
		}
		if size < 1 || len(input) > 1<<12 {
			return
		}
		whole := newDecompressor(format(name))
		r, _ := whole.Reader(bytes.NewReader(input), -1)
		want, wantErr := io.ReadAll(io.LimitReader(r, 1<<22))

		pieces := newDecompressor(format(name))
		defer pieces.Close()
		var got []byte
		var err error
		for rest := input; len(rest) > 0 && err == nil; {
			n := min(size, len(rest))
			got, err = pieces.Transform(got, rest[:n])
			rest = rest[n:]
		}
		if err == nil {
			got, err = pieces.Flush(got)
		}
		if len(want) == 1<<22 {
			return
		}
		if (err == nil) != (wantErr == nil) {
			t.Fatalf("pushed: %v, read: %v", err, wantErr)
		}
		if err == nil && !bytes.Equal(got, want) {
			t.Fatalf("pushed %q, read %q", got, want)
		}
	})
}

func BenchmarkGzip(b *testing.B) {
	p := &pools{}
	content := bytes.Repeat([]byte("{\"name\": \"value\", \"list\": [1, 2, 3]}\n"), 2000)
	var out []byte
	b.SetBytes(int64(len(content)))
	b.ReportAllocs()
	for b.Loop() {
		c := &compressor{format: formatGzip, pool: p.of(formatGzip)}
		out, _ = c.Transform(out[:0], content)
		out, _ = c.Flush(out)
	}
}

func BenchmarkGunzip(b *testing.B) {
	c := &compressor{format: formatGzip, pool: (&pools{}).of(formatGzip)}
	content := bytes.Repeat([]byte("{\"name\": \"value\", \"list\": [1, 2, 3]}\n"), 2000)
	packed, _ := c.Transform(nil, content)
	packed, _ = c.Flush(packed)
	var out []byte
	b.SetBytes(int64(len(content)))
	b.ReportAllocs()
	for b.Loop() {
		d := newDecompressor(formatGzip)
		out, _ = d.Transform(out[:0], packed)
		out, _ = d.Flush(out)
	}
}
