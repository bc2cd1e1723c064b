package control

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"strings"
)

// maxParts bounds the number of parts of one form.
const maxParts = 20_000

// A part is one part of a multipart form.
type part struct {
	name        string // of the form field, which is a module's specifier
	contentType string // without parameters, lower case; "" when there is none
	fullType    string // as sent
	content     []byte
}

// quoted undoes what browsers and undici do to names, and nothing else:
// https://html.spec.whatwg.org/multipage/form-control-infrastructure.html#multipart-form-data
var quoted = strings.NewReplacer("%22", `"`, "%0D", "\r", "%0A", "\n")

// parseForm splits a multipart/form-data body. The contents alias body.
func parseForm(contentType string, body []byte) ([]part, error) {
	media, params, err := mime.ParseMediaType(contentType)
	if err != nil || media != "multipart/form-data" || params["boundary"] == "" {
		return nil, badRequest("the content type must be multipart/form-data with a boundary, not %q", contentType)
	}
	r := multipart.NewReader(bytes.NewReader(body), params["boundary"])
	var parts []part
	for {
		p, err := r.NextRawPart()
		if errors.Is(err, io.EOF) {
			return parts, nil
		}
		if err != nil {
			return nil, badRequest("the form is damaged after %d parts: %v", len(parts), err)
		}
		if len(parts) == maxParts {
			return nil, badRequest("the form has more than %d parts", maxParts)
		}
		name := quoted.Replace(p.FormName())
		if name == "" {
			return nil, badRequest("part %d of the form has no name", len(parts)+1)
		}
		content, err := io.ReadAll(p)
		if err != nil {
			return nil, badRequest("part %q of the form is damaged: %v", name, err)
		}
		full := p.Header.Get("Content-Type")
		plain, _, _ := strings.Cut(full, ";")
		parts = append(parts, part{name, strings.ToLower(strings.TrimSpace(plain)), full, content})
	}
}

// escaped is the opposite of quoted.
var escaped = strings.NewReplacer(`"`, "%22", "\r", "%0D", "\n", "%0A")

// isForm reports whether a content type is that of a form.
func isForm(contentType string) bool {
	media, _, _ := strings.Cut(contentType, ";")
	return strings.EqualFold(strings.TrimSpace(media), "multipart/form-data")
}
