package control

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/url"
	"runtime/debug"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/valyala/fasthttp"

	"github.com/mayfly-edge/mayfly/runtime/script"
)

// maxParam is the longest path parameter but for KV keys, in bytes. Nothing has a longer name.
const maxParam = 512

// A call is one request being answered.
type call struct {
	*Control
	http    *fasthttp.RequestCtx
	ctx     context.Context
	limit   int // most bytes of body
	params  map[string]string
	query   url.Values
	token   *script.Token
	account string // id of the account in the path
}

// Handle answers one request. It is the fasthttp handler of the listener.
func (c *Control) Handle(http *fasthttp.RequestCtx) {
	k := &call{Control: c, http: http, ctx: c.ctx}
	defer func() {
		if p := recover(); p != nil {
			id := uuid.NewString()
			c.Logger.Error("control plane panicked", "id", id, "panic", p, "path", string(http.Path()), "stack", string(debug.Stack()))
			http.Response.Reset()
			k.fail(internal(id))
		}
	}()
	result, err := k.answer()
	if err != nil {
		k.fail(k.refine(err))
		return
	}
	k.succeed(result)
}

// answer finds the endpoint, checks who asks, and runs it.
func (k *call) answer() (any, error) {
	method := string(k.http.Method())
	e, params, known, err := k.router.find(method, string(k.http.URI().PathOriginal()))
	if err != nil {
		return nil, err
	}
	if e == nil || !e.open {
		// Who has no token does not learn which paths exist.
		if err := k.authenticate(); err != nil {
			return nil, err
		}
	}
	switch {
	case e == nil && known:
		return nil, &apiError{405, 10405, "Method " + method + " is not allowed for this address"}
	case e == nil:
		return nil, &apiError{404, codeNoRoute, "Could not route to " + string(k.http.URI().PathOriginal()) + ": no such endpoint"}
	}
	k.params, k.limit = params, e.limit
	for name, value := range params {
		if len(value) > maxParam && name != "key" && name != "rest" {
			return nil, &apiError{404, codeNoRoute, "Could not route: " + name + " is too long"}
		}
	}
	if k.query, err = url.ParseQuery(string(k.http.URI().QueryString())); err != nil {
		return nil, badRequest("the query is not properly encoded: %v", err)
	}
	if !e.open {
		if err := k.authorize(e); err != nil {
			return nil, err
		}
	}
	// Some clients send "{}" where no body is looked at.
	if most := max(k.limit, prefetch); k.http.Request.Header.ContentLength() > most {
		return nil, tooLarge(most)
	}
	return e.run(k)
}

// refine logs errors that are not the client's and hides what they say.
func (k *call) refine(err error) *apiError {
	e := describe(err)
	if e != nil {
		return e
	}
	id := uuid.NewString()
	k.Logger.Error("control plane failed", "id", id, "method", string(k.http.Method()), "path", string(k.http.Path()), "error", err)
	return internal(id)
}

// actor is who asks, for the audit log and as an author.
func (k *call) actor() script.Actor {
	a := script.Actor{Source: "api", Address: k.http.RemoteIP().String()}
	if k.token != nil {
		a.Token, a.Name = k.token.ID, k.token.Name
	}
	if strings.HasPrefix(string(k.http.UserAgent()), "wrangler/") {
		a.Source = "wrangler"
	}
	return a
}

// update runs fn as one transaction of the store.
func (k *call) update(fn func(*script.Tx) error) error { return k.Store.Update(k.actor(), fn) }

// view runs fn on a snapshot of the store.
func (k *call) view(fn func(*script.Tx) error) error { return k.Store.View(fn) }

// script returns the script named in the path.
func (k *call) script() (s *script.Script, err error) {
	err = k.view(func(tx *script.Tx) error {
		s, err = tx.Script(k.account, k.params["script"])
		return err
	})
	return s, err
}

// body reads the whole body, up to the endpoint's limit.
func (k *call) body() ([]byte, error) {
	stream := k.http.RequestBodyStream()
	if stream == nil {
		body := k.http.PostBody()
		if len(body) > k.limit {
			return nil, tooLarge(k.limit)
		}
		return bytes.Clone(body), nil
	}
	var buf bytes.Buffer
	n, err := buf.ReadFrom(io.LimitReader(stream, int64(k.limit)+1))
	if err != nil {
		return nil, badRequest("the body could not be read: %v", err)
	}
	if n > int64(k.limit) {
		return nil, tooLarge(k.limit)
	}
	if want := k.http.Request.Header.ContentLength(); want >= 0 && int(n) < want {
		return nil, badRequest("the body has %d bytes instead of %d", n, want)
	}
	return buf.Bytes(), nil
}

// json decodes the body, whatever its content type says.
func (k *call) json(into any) error {
	body, err := k.body()
	if err != nil {
		return err
	}
	return decodeJSON("the body", body, into)
}

// decodeJSON decodes exactly one value and names the field that does not fit.
func decodeJSON(what string, text []byte, into any) error {
	err := json.Unmarshal(text, into)
	var typeError *json.UnmarshalTypeError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &typeError) && typeError.Field != "":
		return badRequest("%s: %q cannot be a %s", what, typeError.Field, typeError.Value)
	case errors.As(err, &typeError):
		return badRequest("%s cannot be a %s", what, typeError.Value)
	case len(bytes.TrimSpace(text)) == 0:
		return badRequest("%s is empty, JSON is needed", what)
	}
	return badRequest("%s is not valid JSON: %v", what, err)
}

// number reads a whole number from the query, or gives the default when it is absent.
func (k *call) number(name string, absent, least, most int) (int, error) {
	text := k.query.Get(name)
	if text == "" {
		return absent, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < least || n > most {
		return 0, badRequest("%s=%q must be a whole number from %d to %d", name, text, least, most)
	}
	return n, nil
}

// flag reads a boolean from the query.
func (k *call) flag(name string) bool { return k.query.Get(name) == "true" }
