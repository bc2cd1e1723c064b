package htmlrewriter

import (
	"errors"
	"io"
	"strconv"
	"sync"
	"unicode/utf8"

	"github.com/mayfly-edge/mayfly/isolate/webapi/encoding"
)

// Content is what a script puts into a document.
type Content struct {
	// Text is the content, or Stream is a reader of it, in UTF-8. The rewriter closes Stream.
	Text   string
	Stream io.ReadCloser
	// HTML is set for markup; other content is escaped.
	HTML bool
}

// A mutation is what is to become of a token.
type mutation struct {
	before, replacement, after []Content
	removed                    bool
}

func (m *mutation) replace(c Content) {
	m.removed, m.replacement = true, append(m.replacement[:0], c)
}

// first puts c before list.
func first(list []Content, c Content) []Content {
	return append([]Content{c}, list...)
}

// An output collects what a rewriter makes until it is read: bytes, and readers of
// content to be read in between.
type output struct {
	charset *charset
	bytes   []byte
	read    int // bytes that were handed out

	mu      sync.Mutex // guards what follows
	streams []inserted
	closed  bool
}

// inserted is a reader whose content belongs before bytes[at:].
type inserted struct {
	at      int
	source  io.ReadCloser
	html    bool
	partial []byte // of a character
}

// put appends content.
func (o *output) put(list []Content) {
	for _, c := range list {
		switch {
		case c.Stream != nil:
			o.insert(inserted{at: len(o.bytes), source: c.Stream, html: c.HTML})
		default:
			o.bytes = o.charset.encode(o.bytes, c.Text, !c.HTML)
		}
	}
}

func (o *output) insert(s inserted) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		s.source.Close()
		return
	}
	o.streams = append(o.streams, s)
}

// next returns the first stream, if there is one.
func (o *output) next() *inserted {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.streams) == 0 {
		return nil
	}
	return &o.streams[0]
}

// Read hands out what was collected, reading streams when their turn comes. It returns 0
// and no error when there is nothing more.
func (o *output) Read(p []byte) (int, error) {
	for {
		end, s := len(o.bytes), o.next()
		if s != nil {
			end = s.at
		}
		if n := copy(p, o.bytes[o.read:end]); n > 0 {
			o.read += n
			return n, nil
		}
		if s == nil {
			o.bytes, o.read = o.bytes[:0], 0
			return 0, nil
		}
		if err := o.stream(s); err != nil {
			o.bytes, o.read = nil, 0
			return 0, err
		}
	}
}

var errNotUTF8 = parserError("Invalid UTF-8")

// stream reads some of the first stream and puts it where it belongs. All bytes before
// it were handed out.
func (o *output) stream(s *inserted) error {
	in := make([]byte, 4<<10)
	k := copy(in, s.partial)
	n, err := s.source.Read(in[k:])
	text := in[:k+n]
	whole := len(text)
	if err == nil {
		whole = runeBoundary(text)
	}
	if !utf8.Valid(text[:whole]) {
		return errNotUTF8
	}
	s.partial = append([]byte(nil), text[whole:]...)
	rest := o.bytes[s.at:]
	o.bytes = o.charset.encode(make([]byte, 0, whole+len(rest)), string(text[:whole]), !s.html)
	shift := len(o.bytes) - s.at
	o.bytes, o.read = append(o.bytes, rest...), 0
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		return errClosed
	}
	for i := range o.streams {
		o.streams[i].at += shift
	}
	if err == io.EOF {
		s.source.Close()
		o.streams = o.streams[1:]
		return nil
	}
	return err
}

var errClosed = errors.New("read of a closed body")

// close gives up the streams, from any goroutine.
func (o *output) close() {
	o.mu.Lock()
	defer o.mu.Unlock()
	for i := range o.streams {
		o.streams[i].source.Close()
	}
	o.streams, o.closed = nil, true
}

// A charset is the encoding of a document. Documents are in encodings that agree with
// ASCII: markup is the same bytes in all of them.
type charset struct {
	encoding *encoding.Encoding
	utf8     bool
	single   bool // one byte to a character
}

// lookupCharset returns the charset of a label.
func lookupCharset(label string) (*charset, error) {
	e := encoding.Lookup(label)
	switch {
	case e == nil:
		return nil, parserError("Unknown character encoding has been provided.")
	case e.Name == "utf-16le" || e.Name == "utf-16be" || e.Name == "iso-2022-jp" || e.Name == "replacement":
		return nil, parserError("Expected ASCII-compatible encoding.")
	}
	c := &charset{encoding: e, utf8: e == encoding.UTF8}
	switch e.Name {
	case "utf-8", "gbk", "gb18030", "big5", "euc-jp", "shift_jis", "euc-kr":
	default:
		c.single = true
	}
	return c, nil
}

// decode returns the text of b; malformed bytes become U+FFFD.
func (c *charset) decode(b []byte) string {
	if c.utf8 && utf8.Valid(b) {
		return string(b)
	}
	d := encoding.Decoder{Encoding: c.encoding, IgnoreBOM: true}
	s, _ := d.Decode(b, true) // fails only if told to
	return s
}

// encode appends text. In a document that is not in UTF-8 other characters than ASCII
// are written as character references.
func (c *charset) encode(dst []byte, text string, escape bool) []byte {
	if !escape && c.utf8 {
		return append(dst, text...)
	}
	for i, r := range text {
		switch {
		case escape && r == '<':
			dst = append(dst, "&lt;"...)
		case escape && r == '>':
			dst = append(dst, "&gt;"...)
		case escape && r == '&':
			dst = append(dst, "&amp;"...)
		case r < utf8.RuneSelf:
			dst = append(dst, text[i])
		case c.utf8:
			dst = utf8.AppendRune(dst, r)
		default:
			dst = append(dst, "&#"...)
			dst = strconv.AppendInt(dst, int64(r), 10)
			dst = append(dst, ';')
		}
	}
	return dst
}

// representable reports whether text can be written without character references.
func (c *charset) representable(text string) bool {
	if c.utf8 {
		return true
	}
	for i := 0; i < len(text); i++ {
		if text[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// boundary returns how much of text, which goes on, ends with a whole character.
func (c *charset) boundary(text []byte) int {
	switch {
	case c.utf8:
		return runeBoundary(text)
	case c.single:
		return len(text)
	}
	// Bytes below 0x30 are always characters of their own.
	for i := len(text); i > 0 && len(text)-i < 1<<10; i-- {
		if text[i-1] < 0x30 {
			return i
		}
	}
	return len(text)
}

// runeBoundary is boundary for UTF-8.
func runeBoundary(text []byte) int {
	for i := len(text) - 1; i >= 0 && i > len(text)-utf8.UTFMax; i-- {
		if utf8.RuneStart(text[i]) {
			if !utf8.FullRune(text[i:]) {
				return i
			}
			break
		}
	}
	return len(text)
}
