package url

import "strings"

// https://url.spec.whatwg.org/#path-start-state
func (p *parser) pathStart() state {
	c := p.peek()
	switch {
	case p.kind.special():
		if c == '/' || c == '\\' {
			p.pos++
		}
		return statePath
	case p.override == stateNone && c == '?':
		return p.startQuery()
	case p.override == stateNone && c == '#':
		return p.startFragment()
	case c != eof:
		if c == '/' {
			p.pos++
		}
		return statePath
	case p.override != stateNone && !p.hasHost:
		p.path += "/"
	}
	return stateDone
}

// pathState appends the segments up to a question mark, a number sign or the
// end of the input to the path. The slash before the first of them is behind pos.
// https://url.spec.whatwg.org/#path-state
func (p *parser) pathState() state {
	end, plain := p.pos, p.kind != schemeFile
	dots := end < len(p.input) && p.input[end] == '.'
scan:
	for ; end < len(p.input); end++ {
		c := p.input[end]
		switch c {
		case '?', '#':
			if p.override == stateNone {
				break scan
			}
			plain = false
		case '/':
			dots = dots || end+1 < len(p.input) && p.input[end+1] == '.'
		case '\\':
			plain = plain && !p.kind.special()
		case '%':
			// It may stand for a dot.
			plain = plain && (end+2 >= len(p.input) || p.input[end+1] != '2' || p.input[end+2]|0x20 != 'e')
		default:
			plain = plain && encodeTable[c]&pathSet == 0
		}
	}
	switch {
	case !plain || dots:
		p.appendSegments(p.input[p.pos:end])
	case p.path == "" && p.pos > 0 && p.input[p.pos-1] == '/':
		p.path = p.input[p.pos-1 : end]
	default:
		p.path += "/" + p.input[p.pos:end]
	}
	p.pos = end
	switch p.peek() {
	case '?':
		return p.startQuery()
	case '#':
		return p.startFragment()
	}
	return stateDone
}

// appendSegments is the general case of pathState: raw may hold dot segments,
// backslashes, drive letters and bytes to encode.
func (p *parser) appendSegments(raw string) {
	var stack [256]byte
	path := append(stack[:0], p.path...)
	for more := true; more; {
		segment := raw
		more = false
		for i := 0; i < len(raw); i++ {
			if p.atSlash(int(raw[i])) {
				segment, raw, more = raw[:i], raw[i+1:], true
				break
			}
		}
		switch {
		case isDoubleDot(segment):
			path = path[:shortened(path, p.kind)]
			if !more {
				path = append(path, '/')
			}
		case isSingleDot(segment):
			if !more {
				path = append(path, '/')
			}
		case p.kind == schemeFile && len(path) == 0 && isDriveLetter(segment):
			path = append(path, '/', segment[0], ':')
		default:
			path = append(path, '/')
			path = appendEncoded(path, segment, pathSet)
		}
	}
	p.path = string(path)
}

// https://url.spec.whatwg.org/#shorten-a-urls-path
func (p *parser) shorten() { p.path = p.path[:shortened(p.path, p.kind)] }

// shortened is the length of path without its last segment. A drive letter that
// is the only segment of a file URL stays.
func shortened[T string | []byte](path T, kind scheme) int {
	if kind == schemeFile && len(path) == 3 && hasNormalizedDriveLetter(path) {
		return len(path)
	}
	for i := len(path) - 1; i >= 0; i-- {
		if path[i] == '/' {
			return i
		}
	}
	return 0
}

// https://url.spec.whatwg.org/#cannot-be-a-base-url-path-state
func (p *parser) opaquePath() state {
	rest := p.input[p.pos:]
	end := strings.IndexAny(rest, "?#")
	if end < 0 {
		p.path = encode(rest, c0ControlSet)
		return stateDone
	}
	p.path = encode(rest[:end], c0ControlSet)
	if strings.HasSuffix(p.path, " ") {
		// A trailing space would be lost were the query and fragment removed.
		p.path = p.path[:len(p.path)-1] + "%20"
	}
	p.pos += end
	if rest[end] == '?' {
		return p.startQuery()
	}
	return p.startFragment()
}

// https://url.spec.whatwg.org/#single-dot-path-segment
func isSingleDot(s string) bool {
	return s == "." || len(s) == 3 && dotLength(s) == 3
}

// https://url.spec.whatwg.org/#double-dot-path-segment
func isDoubleDot(s string) bool {
	if len(s) < 2 || len(s) > 6 {
		return false
	}
	n := dotLength(s)
	return n > 0 && n < len(s) && dotLength(s[n:]) == len(s)-n
}

// dotLength is the length of the dot at the start of s, written plainly or
// percent-encoded, or 0.
func dotLength(s string) int {
	switch {
	case s != "" && s[0] == '.':
		return 1
	case len(s) >= 3 && s[0] == '%' && s[1] == '2' && s[2]|0x20 == 'e':
		return 3
	}
	return 0
}

// https://url.spec.whatwg.org/#windows-drive-letter
func isDriveLetter(s string) bool {
	return len(s) == 2 && isAlpha(int(s[0])) && (s[1] == ':' || s[1] == '|')
}

// https://url.spec.whatwg.org/#start-with-a-windows-drive-letter
func startsWithDriveLetter(s string) bool {
	if len(s) < 2 || !isDriveLetter(s[:2]) {
		return false
	}
	return len(s) == 2 || s[2] == '/' || s[2] == '\\' || s[2] == '?' || s[2] == '#'
}

// hasNormalizedDriveLetter reports whether the first segment of path is a
// normalized Windows drive letter.
// https://url.spec.whatwg.org/#normalized-windows-drive-letter
func hasNormalizedDriveLetter[T string | []byte](path T) bool {
	return len(path) >= 3 && path[0] == '/' && isAlpha(int(path[1])) && path[2] == ':' && (len(path) == 3 || path[3] == '/')
}
