package webcrypto

import (
	"strconv"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// members calls what fits for each member that is there, in the order of their names.
func (j *jwk) members(text func(name, value string), list func(name string, values []string), flag func(name string, value bool)) {
	for _, m := range jwkMembers {
		// The members that are no strings stand where their names do.
		switch m.name {
		case "k":
			if j.ext.Set {
				flag("ext", j.ext.Value)
			}
		case "kty":
			if j.keyOps.Set {
				list("key_ops", j.keyOps.Value)
			}
		}
		if s := m.at(j); s.Set {
			text(m.name, s.Value)
		}
	}
}

// jwkMembers are the members that are strings, in the order of their names.
var jwkMembers = [...]struct {
	name string
	at   func(*jwk) *webidl.Opt[string]
}{
	{"alg", func(j *jwk) *text { return &j.alg }},
	{"crv", func(j *jwk) *text { return &j.crv }},
	{"d", func(j *jwk) *text { return &j.d }},
	{"dp", func(j *jwk) *text { return &j.dp }},
	{"dq", func(j *jwk) *text { return &j.dq }},
	{"e", func(j *jwk) *text { return &j.e }},
	{"k", func(j *jwk) *text { return &j.k }},
	{"kty", func(j *jwk) *text { return &j.kty }},
	{"n", func(j *jwk) *text { return &j.n }},
	{"p", func(j *jwk) *text { return &j.p }},
	{"q", func(j *jwk) *text { return &j.q }},
	{"qi", func(j *jwk) *text { return &j.qi }},
	{"use", func(j *jwk) *text { return &j.use }},
	{"x", func(j *jwk) *text { return &j.x }},
	{"y", func(j *jwk) *text { return &j.y }},
}

// appendText appends the JSON text of an exported key, as JSON.stringify writes it. Its
// strings are all of ASCII letters, digits and punctuation that JSON does not escape.
func (j *jwk) appendText(b []byte) []byte {
	name := func(name string) {
		b = append(b, ',', '"')
		b = append(b, name...)
		b = append(b, '"', ':')
	}
	start := len(b)
	j.members(
		func(key, value string) { name(key); b = strconv.AppendQuote(b, value) },
		func(key string, values []string) {
			name(key)
			b = append(b, '[')
			for i, v := range values {
				if i > 0 {
					b = append(b, ',')
				}
				b = strconv.AppendQuote(b, v)
			}
			b = append(b, ']')
		},
		func(key string, value bool) { name(key); b = strconv.AppendBool(b, value) })
	b[start] = '{' // a key has a type at least
	return append(b, '}')
}
