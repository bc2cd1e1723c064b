package node

import (
	"bytes"
	"compress/flate"
	"errors"
	"hash/crc32"
	"io"

	"github.com/andybalholm/brotli"
	"github.com/dop251/goja"
	fast "github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zlib"
)

// zlibFunctions are the natives of node:zlib. A format is one of "gzip", "deflate",
// "raw", "brotli" and, to decompress, "unzip" for either of the first two.
var zlibFunctions = []function{
	// compress(format, data, level)
	{"compress", 3, func(n *realm, _ goja.Value, args []goja.Value) (goja.Value, error) {
		data, err := dataOf(n.js, arg(args, 1), goja.Undefined(), "buffer")
		if err != nil {
			return nil, err
		}
		var out bytes.Buffer
		w, err := compressor(arg(args, 0).String(), &out, int(arg(args, 2).ToInteger()))
		if err != nil {
			return nil, fail(n.js, "RangeError", "ERR_OUT_OF_RANGE", err.Error())
		}
		// Writing to memory does not fail.
		_, _ = w.Write(data)
		_ = w.Close()
		return n.buffer(out.Bytes()), nil
	}},
	// decompress(format, data, most) is an error for more than most bytes.
	{"decompress", 3, func(n *realm, _ goja.Value, args []goja.Value) (goja.Value, error) {
		data, err := dataOf(n.js, arg(args, 1), goja.Undefined(), "buffer")
		if err != nil {
			return nil, err
		}
		out, err := decompress(arg(args, 0).String(), data, min(arg(args, 2).ToInteger(), maxBuffer))
		if err != nil {
			return nil, n.zlibError(err, arg(args, 2).String())
		}
		return n.buffer(out), nil
	}},
	{"crc32", 2, func(n *realm, _ goja.Value, args []goja.Value) (goja.Value, error) {
		data, err := dataOf(n.js, arg(args, 0), goja.Undefined(), "data")
		return n.js.VM.ToValue(int64(crc32.Update(uint32(arg(args, 1).ToInteger()), crc32.IEEETable, data))), err
	}},
	// stream(format, level) returns a function of a chunk and whether to flush that
	// returns what is ready; without a chunk the stream ends.
	{"stream", 2, func(n *realm, _ goja.Value, args []goja.Value) (goja.Value, error) {
		out := &bytes.Buffer{}
		w, err := compressor(arg(args, 0).String(), out, int(arg(args, 1).ToInteger()))
		if err != nil {
			return nil, fail(n.js, "RangeError", "ERR_OUT_OF_RANGE", err.Error())
		}
		return n.js.VM.ToValue(func(call goja.FunctionCall) goja.Value {
			if goja.IsUndefined(call.Argument(0)) {
				_ = w.Close()
			} else if data, ok := n.js.BytesOf(call.Argument(0)); ok {
				_, _ = w.Write(data)
				if call.Argument(1).ToBoolean() {
					_ = w.Flush()
				}
			}
			ready := bytes.Clone(out.Bytes())
			out.Reset()
			return n.buffer(ready)
		}), nil
	}},
}

// flusher is a compressor.
type flusher interface {
	io.WriteCloser
	Flush() error
}

var errLevel = errors.New("The value of \"options.level\" is out of range. It must be >= -1 and <= 9.")

func compressor(format string, w io.Writer, level int) (flusher, error) {
	if format == "brotli" {
		if level < 0 || level > 11 {
			level = brotli.DefaultCompression
		}
		return brotli.NewWriterLevel(w, level), nil
	}
	if level < -1 || level > 9 {
		return nil, errLevel
	}
	switch format {
	case "gzip":
		return gzip.NewWriterLevel(w, level)
	case "raw":
		return fast.NewWriter(w, level)
	}
	return zlib.NewWriterLevel(w, level)
}

var (
	errTooLarge = errors.New("too large")
	errHeader   = errors.New("incorrect header check")
)

// decompress returns what data holds, up to its end: what follows is ignored, but for
// further members of gzip data.
func decompress(format string, data []byte, most int64) ([]byte, error) {
	in := bytes.NewReader(data)
	if format == "unzip" {
		format = "deflate"
		if len(data) >= 2 && data[0] == 0x1F && data[1] == 0x8B {
			format = "gzip"
		}
	}
	var r io.Reader
	var err error
	switch format {
	case "gzip":
		if len(data) >= 2 && (data[0] != 0x1F || data[1] != 0x8B) {
			return nil, errHeader
		}
		var z *gzip.Reader
		if z, err = gzip.NewReader(in); err == nil {
			return readMembers(z, in, most)
		}
	case "deflate":
		if len(data) >= 2 && (data[0]&0x0F != 8 || (uint(data[0])<<8|uint(data[1]))%31 != 0) {
			return nil, errHeader
		}
		r, err = zlib.NewReader(in)
	case "raw":
		r = flate.NewReader(in)
	default:
		r = brotli.NewReader(in)
	}
	if err != nil {
		return nil, err
	}
	return readAll(r, nil, most)
}

// readMembers reads gzip members; what follows the first and is none is ignored.
func readMembers(z *gzip.Reader, in *bytes.Reader, most int64) (out []byte, err error) {
	for {
		z.Multistream(false)
		if out, err = readAll(z, out, most); err != nil {
			return nil, err
		}
		if first, err := in.ReadByte(); err != nil || first != 0x1F {
			return out, nil
		}
		_ = in.UnreadByte() // just read
		if err := z.Reset(in); err != nil {
			return nil, err
		}
	}
}

func readAll(r io.Reader, out []byte, most int64) ([]byte, error) {
	buffer := bytes.NewBuffer(out)
	if _, err := io.Copy(buffer, io.LimitReader(r, most-int64(len(out))+1)); err != nil {
		return nil, err
	}
	if int64(buffer.Len()) > most {
		return nil, errTooLarge
	}
	return buffer.Bytes(), nil
}

// zlibError gives an error the code and number that zlib's own has.
func (n *realm) zlibError(err error, most string) error {
	class, code, message, errno := "Error", "Z_DATA_ERROR", err.Error(), -3
	switch {
	case errors.Is(err, errTooLarge):
		return fail(n.js, "RangeError", "ERR_BUFFER_TOO_LARGE", "Cannot create a Buffer larger than "+most+" bytes")
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		code, message, errno = "Z_BUF_ERROR", "unexpected end of file", -5
	case errors.Is(err, gzip.ErrChecksum), errors.Is(err, zlib.ErrChecksum):
		message = "incorrect data check"
	case errors.Is(err, gzip.ErrHeader), errors.Is(err, zlib.ErrHeader):
		message = "incorrect header check"
	}
	thrown := n.js.ErrorValue(fail(n.js, class, code, message)).(*goja.Object)
	must(thrown.Set("errno", errno))
	return n.thrown(thrown)
}
