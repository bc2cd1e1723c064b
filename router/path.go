package router

import "strings"

// pathBytes marks the bytes that the URL standard rewrites in a path: the path
// percent-encode set and the backslash. https://url.spec.whatwg.org/#path-percent-encode-set
var pathBytes = func() (t [256]bool) {
	for c := range 256 {
		t[c] = c <= ' ' || c >= 0x7f || strings.IndexByte("\"#<>?^`{}\\", byte(c)) >= 0
	}
	return t
}()

// splitTarget returns the path of a request target as the worker will see it in
// request.url, and whether a query follows. It allocates only when the path has to be
// rewritten, which keeps "/x/../private" from passing by a route for "/private".
func splitTarget(target []byte) (path []byte, query bool) {
	end, clean := len(target), len(target) > 0 && target[0] == '/'
	for i, c := range target {
		if c == '?' || c == '#' {
			end = i
			query = c == '?' && i+1 < len(target) && target[i+1] != '#'
			break
		}
		switch {
		case pathBytes[c]:
			clean = false
		case c == '.' && i > 0 && (target[i-1] == '/' || target[i-1] == '\\'):
			clean = false
		case c == '%' && i+2 < len(target) && target[i+1] == '2' && target[i+2]|0x20 == 'e':
			clean = false
		}
	}
	if clean {
		return target[:end], query
	}
	return []byte(cleanPath(string(target[:end]))), query
}

// cleanPath returns the normal form of a path as the URL standard's path state makes it:
// https://url.spec.whatwg.org/#path-state
func cleanPath(path string) string {
	path = strings.ReplaceAll(path, `\`, "/")
	path = strings.TrimPrefix(path, "/")
	parts := strings.Split(path, "/")
	kept := parts[:0]
	for i, part := range parts {
		last := i == len(parts)-1
		switch dots(part) {
		case 1:
			part = ""
		case 2:
			if len(kept) > 0 {
				kept = kept[:len(kept)-1]
			}
			part = ""
		default:
			kept = append(kept, part)
			continue
		}
		if last {
			kept = append(kept, part)
		}
	}
	var b strings.Builder
	for _, part := range kept {
		b.WriteByte('/')
		for i := range len(part) {
			const digits = "0123456789ABCDEF"
			if c := part[i]; pathBytes[c] {
				b.Write([]byte{'%', digits[c>>4], digits[c&15]})
			} else {
				b.WriteByte(c)
			}
		}
	}
	if b.Len() == 0 {
		return "/"
	}
	return b.String()
}

// dots is 1 for a single-dot segment, 2 for a double-dot segment, else 0.
func dots(part string) int {
	n := 0
	for ; part != ""; n++ {
		switch {
		case part[0] == '.':
			part = part[1:]
		case len(part) >= 3 && part[:2] == "%2" && part[2]|0x20 == 'e':
			part = part[3:]
		default:
			return 0
		}
		if n == 2 {
			return 0
		}
	}
	return n
}
