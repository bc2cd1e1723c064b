package fetch

import (
	"unicode/utf8"

	"github.com/mayfly-edge/mayfly/isolate/webapi/file"
	"github.com/mayfly-edge/mayfly/isolate/webapi/url"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// parseForm makes a form of a message's body: https://fetch.spec.whatwg.org/#dom-body-formdata
func parseForm(js *webidl.Realm, m hasBody, body []byte) (*file.FormData, error) {
	t, _ := m.mimeType()
	switch t.Essence() {
	case "multipart/form-data":
		boundary, ok := t.Parameter("boundary")
		if !ok {
			return nil, webidl.TypeError("Failed to parse the body as FormData: the content-type has no boundary.")
		}
		f, err := file.ParseFormData(js, body, boundary)
		if err != nil {
			return nil, webidl.TypeError("Failed to parse the body as FormData: %v.", err)
		}
		return f, nil
	case "application/x-www-form-urlencoded":
		pairs := url.ParseParams(scalarForm(body))
		entries := make([]file.Entry, pairs.Len())
		for i := range entries {
			pair := pairs.At(i)
			entries[i] = file.Entry{Name: pair.Name, Text: pair.Value}
		}
		return file.NewFormData(entries), nil
	}
	return nil, webidl.TypeError("Failed to parse the body as FormData: the content-type is neither multipart/form-data nor application/x-www-form-urlencoded.")
}

// scalarForm returns urlencoded bytes as text. Bytes that are no UTF-8 can become text
// only after percent-decoding, for which they are escaped.
func scalarForm(b []byte) string {
	if utf8.Valid(b) {
		return string(b)
	}
	const hex = "0123456789ABCDEF"
	s := make([]byte, 0, len(b)+len(b)/4)
	for _, c := range b {
		if c < utf8.RuneSelf {
			s = append(s, c)
		} else {
			s = append(s, '%', hex[c>>4], hex[c&15])
		}
	}
	return string(s)
}
