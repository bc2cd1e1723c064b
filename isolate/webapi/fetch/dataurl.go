package fetch

import (
	"encoding/base64"
	"strings"

	"github.com/mayfly-edge/mayfly/isolate/outside"
	"github.com/mayfly-edge/mayfly/isolate/webapi/mimesniff"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// fetchData answers a fetch of a data: URL.
func fetchData(js *webidl.Realm, r *Request, p *webidl.Promise) error {
	contentType, data, ok := parseDataURL(r.url)
	if !ok {
		return webidl.TypeError("Failed to fetch: invalid data: URL")
	}
	if r.method == "HEAD" {
		data = []byte{}
	}
	res := FromOutside(js, &outside.Response{
		Status: 200, StatusText: "OK", URL: r.url,
		Header: []outside.Field{{Name: "content-type", Value: contentType}},
		Body:   outside.Body{Bytes: data},
	})
	p.Resolve(ResponseClass.Wrap(js, res))
	return nil
}

// parseDataURL is the data: URL processor: https://fetch.spec.whatwg.org/#data-url-processor
func parseDataURL(u string) (contentType string, body []byte, ok bool) {
	// 2-5. The part between the scheme and the fragment, split at the first comma.
	input := strings.TrimPrefix(u, "data:")
	if i := strings.IndexByte(input, '#'); i >= 0 {
		input = input[:i]
	}
	mimeType, encoded, found := strings.Cut(input, ",")
	if !found {
		return "", nil, false
	}
	mimeType = strings.Trim(mimeType, " \t\n\f\r")
	// 9-10.
	body = percentDecode(encoded)
	// 11. A type that ends in ";" *SP "base64" is base64.
	if cut, isBase64 := cutBase64(mimeType); isBase64 {
		mimeType = cut
		if body, ok = forgivingBase64(body); !ok {
			return "", nil, false
		}
	}
	// 12-14.
	if strings.HasPrefix(mimeType, ";") {
		mimeType = "text/plain" + mimeType
	}
	t, err := mimesniff.Parse(mimeType)
	if err != nil {
		return "text/plain;charset=US-ASCII", body, true
	}
	return t.String(), body, true
}

func cutBase64(mimeType string) (string, bool) {
	if len(mimeType) < 6 || !strings.EqualFold(mimeType[len(mimeType)-6:], "base64") {
		return mimeType, false
	}
	rest := strings.TrimRight(mimeType[:len(mimeType)-6], " ")
	if !strings.HasSuffix(rest, ";") {
		return mimeType, false
	}
	return rest[:len(rest)-1], true
}

func percentDecode(s string) []byte {
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			if high, low := unhex(s[i+1]), unhex(s[i+2]); high >= 0 && low >= 0 {
				b = append(b, byte(high<<4|low))
				i += 2
				continue
			}
		}
		b = append(b, s[i])
	}
	return b
}

func unhex(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

// forgivingBase64: https://infra.spec.whatwg.org/#forgiving-base64-decode
func forgivingBase64(data []byte) ([]byte, bool) {
	s := make([]byte, 0, len(data))
	for _, c := range data {
		switch c {
		case ' ', '\t', '\n', '\f', '\r':
		default:
			s = append(s, c)
		}
	}
	if len(s)%4 == 0 {
		for range 2 {
			if n := len(s); n > 0 && s[n-1] == '=' {
				s = s[:n-1]
			}
		}
	}
	if len(s)%4 == 1 {
		return nil, false
	}
	out := make([]byte, base64.RawStdEncoding.DecodedLen(len(s)))
	n, err := base64.RawStdEncoding.Decode(out, s)
	return out[:n], err == nil
}
