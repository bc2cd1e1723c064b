package file

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
)

// A Part is one part of a multipart/form-data body.
type Part struct {
	Name        string
	Data        []byte
	IsFile      bool // has a file name
	Filename    string
	ContentType string // "" if the part does not say
}

// The limits of ParseMultipart. A part costs memory beyond its bytes, and a body is
// made of as many as its sender likes.
const (
	MaxParts       = 10_000   // parts of a body
	MaxPartHeaders = 16 << 10 // bytes of one part's headers
)

// ErrMultipart is wrapped by the errors of ParseMultipart.
var ErrMultipart = errors.New("not a multipart/form-data body")

func malformed(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrMultipart, fmt.Sprintf(format, args...))
}

// NewBoundary returns a boundary that no data can be expected to hold.
func NewBoundary() string { return "----MayflyFormBoundary" + rand.Text() }

// AppendMultipart appends the multipart/form-data encoding of parts to dst. The boundary
// must not be in them and needs no quotes as a parameter.
// https://html.spec.whatwg.org/multipage/form-control-infrastructure.html#multipart-form-data
func AppendMultipart(dst []byte, boundary string, parts []Part) []byte {
	for _, p := range parts {
		dst = append(dst, "--"...)
		dst = append(dst, boundary...)
		dst = append(dst, "\r\nContent-Disposition: form-data; name=\""...)
		dst = appendEscaped(dst, crlf(p.Name))
		if !p.IsFile {
			dst = append(dst, "\"\r\n\r\n"...)
			dst = append(dst, crlf(string(p.Data))...)
			dst = append(dst, "\r\n"...)
			continue
		}
		dst = append(dst, "\"; filename=\""...)
		dst = appendEscaped(dst, p.Filename)
		dst = append(dst, "\"\r\nContent-Type: "...)
		if p.ContentType == "" {
			dst = append(dst, "application/octet-stream"...)
		} else {
			dst = append(dst, p.ContentType...)
		}
		dst = append(dst, "\r\n\r\n"...)
		dst = append(dst, p.Data...)
		dst = append(dst, "\r\n"...)
	}
	dst = append(dst, "--"...)
	dst = append(dst, boundary...)
	return append(dst, "--\r\n"...)
}

// multipartSize estimates, rather too high than too low, how long the encoding is.
func multipartSize(boundary string, parts []Part) int {
	size := len(boundary) + 6
	for _, p := range parts {
		size += 128 + len(boundary) + len(p.Name) + len(p.Filename) + len(p.ContentType) + len(p.Data)
	}
	return size
}

// crlf makes every line break CR LF.
func crlf(s string) string {
	if strings.IndexByte(s, '\r') < 0 && strings.IndexByte(s, '\n') < 0 {
		return s
	}
	b := make([]byte, 0, len(s)+16)
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\r':
			b = append(b, '\r', '\n')
			if i+1 < len(s) && s[i+1] == '\n' {
				i++
			}
		case s[i] == '\n':
			b = append(b, '\r', '\n')
		default:
			b = append(b, s[i])
		}
	}
	return string(b)
}

// appendEscaped escapes a name or a file name for its place between quotes.
func appendEscaped(dst []byte, s string) []byte {
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '"':
			dst = append(dst, "%22"...)
		case '\r':
			dst = append(dst, "%0D"...)
		case '\n':
			dst = append(dst, "%0A"...)
		default:
			dst = append(dst, s[i])
		}
	}
	return dst
}

var unescape = strings.NewReplacer("%22", `"`, "%0D", "\r", "%0d", "\r", "%0A", "\n", "%0a", "\n")

// ParseMultipart reads a multipart/form-data body. The data of the parts are pieces of
// body. Names are UTF-8, with U+FFFD for what is malformed. As RFC 2046 has it, what
// stands before the first boundary and after the last is ignored, and so is white space
// after a boundary. The error wraps [ErrMultipart].
// https://andreubotella.github.io/multipart-form-data/#multipart-form-data-parser
func ParseMultipart(body []byte, boundary string) ([]Part, error) {
	if boundary == "" || len(boundary) > 200 {
		return nil, malformed("the boundary has %d bytes", len(boundary))
	}
	delimiter := []byte("\r\n--" + boundary)
	rest, found := bytes.CutPrefix(body, delimiter[2:])
	if !found {
		if _, rest, found = bytes.Cut(body, delimiter); !found {
			return nil, malformed("the boundary %q does not appear", boundary)
		}
	}
	var parts []Part
	for {
		if bytes.HasPrefix(rest, []byte("--")) {
			return parts, nil
		}
		rest = bytes.TrimLeft(rest, " \t")
		if rest, found = bytes.CutPrefix(rest, []byte("\r\n")); !found {
			return nil, malformed("no line break after boundary %d", len(parts)+1)
		}
		if len(parts) == MaxParts {
			return nil, malformed("it has more than %d parts", MaxParts)
		}
		var p Part
		var err error
		if rest, err = p.parseHeaders(rest); err != nil {
			return nil, malformed("part %d %v", len(parts)+1, err)
		}
		// An empty part's boundary may follow its headers at once.
		if after, empty := bytes.CutPrefix(rest, delimiter[2:]); empty {
			rest = after
		} else if p.Data, rest, found = bytes.Cut(rest, delimiter); !found {
			return nil, malformed("part %d has no end", len(parts)+1)
		}
		p.Data = p.Data[:len(p.Data):len(p.Data)]
		parts = append(parts, p)
	}
}

// parseHeaders reads the headers of a part and the empty line after them.
func (p *Part) parseHeaders(b []byte) (rest []byte, err error) {
	named := false
	for size := 0; ; {
		line, rest, found := bytes.Cut(b, []byte("\r\n"))
		if !found {
			return nil, errors.New("has headers without an end")
		}
		if len(line) == 0 {
			if !named {
				return nil, errors.New("has no name")
			}
			return rest, nil
		}
		if size += len(line); size > MaxPartHeaders {
			return nil, fmt.Errorf("has more than %d bytes of headers", MaxPartHeaders)
		}
		name, value, found := strings.Cut(string(line), ":")
		if !found {
			return nil, fmt.Errorf("has the header line %q without a colon", line)
		}
		value = strings.Trim(value, " \t")
		switch strings.ToLower(strings.TrimRight(name, " \t")) {
		case "content-disposition":
			if err := p.parseDisposition(value); err != nil {
				return nil, err
			}
			named = true
		case "content-type":
			p.ContentType = value
		}
		b = rest
	}
}

// parseDisposition reads form-data; name="…"; filename="…". Values without quotes are
// taken too: there are clients that send them.
func (p *Part) parseDisposition(value string) error {
	kind, rest, _ := strings.Cut(value, ";")
	if !strings.EqualFold(strings.TrimRight(kind, " \t"), "form-data") {
		return fmt.Errorf("has the disposition %q", kind)
	}
	p.IsFile, p.Filename = false, ""
	named := false
	for rest != "" {
		var name, text string
		if name, rest, _ = strings.Cut(rest, "="); rest == "" && strings.TrimSpace(name) == "" {
			break
		}
		if quoted, ok := strings.CutPrefix(rest, `"`); ok {
			if text, rest, ok = strings.Cut(quoted, `"`); !ok {
				return errors.New("has a quote without an end")
			}
			_, rest, _ = strings.Cut(rest, ";")
		} else {
			text, rest, _ = strings.Cut(rest, ";")
			text = strings.TrimRight(text, " \t")
		}
		text = decodeUTF8([]byte(unescape.Replace(text)), true)
		switch strings.ToLower(strings.TrimLeft(name, " \t")) {
		case "name":
			p.Name, named = text, true
		case "filename":
			p.Filename, p.IsFile = text, true
		}
	}
	if !named {
		return errors.New("has no name")
	}
	return nil
}
