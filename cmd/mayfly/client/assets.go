package client

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"mime/multipart"
	"net/textproto"
	"net/url"

	"github.com/mayfly-edge/mayfly/runtime/script"
)

// PutAssets uploads the static files of a script's next version that the server does not
// have yet, and returns the token that an Upload names them by. open returns a file's
// content and content type.
func (c *Client) PutAssets(ctx context.Context, name string, m script.Manifest, open func(hash string) (content []byte, contentType string, err error)) (token string, err error) {
	var session struct {
		JWT     string     `json:"jwt"`
		Buckets [][]string `json:"buckets"`
	}
	if _, err := c.ask(ctx, request{method: "POST", path: c.script(name, "assets-upload-session"),
		json: map[string]any{"manifest": m}}, &session); err != nil {
		return "", err
	}
	token = session.JWT
	for _, bucket := range session.Buckets {
		body, contentType, err := assetsForm(bucket, open)
		if err != nil {
			return "", err
		}
		var answer struct {
			JWT string `json:"jwt"`
		}
		if _, err := c.ask(ctx, request{method: "POST", path: c.inAccount("workers", "assets", "upload"),
			query: url.Values{"base64": {"true"}}, body: body, contentType: contentType, token: session.JWT}, &answer); err != nil {
			return "", err
		}
		if answer.JWT != "" {
			token = answer.JWT
		}
	}
	return token, nil
}

// assetsForm is a form with a part for each file.
func assetsForm(hashes []string, open func(hash string) ([]byte, string, error)) (body []byte, contentType string, err error) {
	var buf bytes.Buffer
	w := multipart.NewWriter(&buf)
	for _, hash := range hashes {
		content, kind, err := open(hash)
		if err != nil {
			return nil, "", err
		}
		if kind == "" {
			kind = "application/null" // serve it without
		}
		p, _ := w.CreatePart(textproto.MIMEHeader{ // a buffer takes everything
			"Content-Disposition": {fmt.Sprintf(`form-data; name="%s"; filename="%s"`, hash, hash)}, "Content-Type": {kind},
		})
		encoder := base64.NewEncoder(base64.StdEncoding, p)
		_, _ = encoder.Write(content)
		_ = encoder.Close()
	}
	if err := w.Close(); err != nil {
		return nil, "", err
	}
	return buf.Bytes(), w.FormDataContentType(), nil
}
