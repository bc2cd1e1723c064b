package url

import "strconv"

// draft holds the components of a URL while it is parsed or changed.
//
// A path that is a list of segments is kept as its serialization: each segment
// after a slash. No segment contains a slash, so this loses nothing, and the
// empty list is the empty string.
type draft struct {
	scheme      string
	username    string
	password    string
	host        string
	path        string
	query       string
	fragment    string
	port        int32
	kind        scheme
	hasHost     bool
	opaque      bool
	hasQuery    bool
	hasFragment bool
}

// maxLength bounds the serialization, so that offsets fit in 32 bits.
const maxLength = 1 << 30

// draft takes the record apart. The strings share the record's memory.
func (r *Record) draft() draft {
	d := draft{
		scheme:   r.href[:r.schemeEnd],
		username: r.Username(),
		password: r.Password(),
		host:     r.Hostname(),
		path:     r.Pathname(),
		port:     r.port,
		kind:     r.kind,
		hasHost:  r.hasHost,
		opaque:   r.opaque,
	}
	d.query, d.hasQuery = r.Query()
	d.fragment, d.hasFragment = r.Fragment()
	return d
}

// commit serializes the draft into r. When the result equals input, the record
// keeps input instead of a copy.
// https://url.spec.whatwg.org/#concept-url-serializer
func (d *draft) commit(r *Record, input string) Failure {
	n := len(d.scheme) + len(d.username) + len(d.password) + len(d.host) + len(d.path) + len(d.query) + len(d.fragment)
	if n > maxLength {
		return failTooLong
	}
	var stack [512]byte
	b := stack[:0]
	if n += len("://:@:65535/.?#"); n > len(stack) {
		b = make([]byte, 0, n)
	}

	b = append(b, d.scheme...)
	r.schemeEnd = uint32(len(b))
	b = append(b, ':')
	if d.hasHost {
		b = append(b, '/', '/')
		b = append(b, d.username...)
		r.usernameEnd = uint32(len(b))
		if d.password != "" {
			b = append(b, ':')
			b = append(b, d.password...)
		}
		if d.username != "" || d.password != "" {
			b = append(b, '@')
		}
		r.hostStart = uint32(len(b))
		b = append(b, d.host...)
		r.hostEnd = uint32(len(b))
		if d.port != noPort {
			b = append(b, ':')
			b = strconv.AppendInt(b, int64(d.port), 10)
		}
	} else {
		r.usernameEnd = uint32(len(b))
		r.hostStart, r.hostEnd = r.usernameEnd, r.usernameEnd
		if !d.opaque && len(d.path) > 1 && d.path[1] == '/' {
			// Without this the path would be read as a host.
			b = append(b, '/', '.')
		}
	}
	r.pathStart = uint32(len(b))
	b = append(b, d.path...)
	r.queryStart = uint32(len(b))
	if d.hasQuery {
		b = append(b, '?')
		b = append(b, d.query...)
	}
	r.fragmentStart = uint32(len(b))
	if d.hasFragment {
		b = append(b, '#')
		b = append(b, d.fragment...)
	}

	if string(b) == input {
		r.href = input
	} else {
		r.href = string(b)
	}
	r.port, r.kind, r.hasHost, r.opaque = d.port, d.kind, d.hasHost, d.opaque
	return ok
}
