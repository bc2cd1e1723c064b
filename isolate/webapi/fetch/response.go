package fetch

import (
	"strconv"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/outside"
	"github.com/mayfly-edge/mayfly/isolate/webapi/mimesniff"
	"github.com/mayfly-edge/mayfly/isolate/webapi/url"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// ResponseClass is the Fetch standard's Response interface.
// https://fetch.spec.whatwg.org/#response-class
var ResponseClass = &webidl.Class[*Response]{
	Name:        "Response",
	Constructor: webidl.New2(newResponse, webidl.Default(webidl.Nullable(BodyInit), webidl.Opt[extracted]{}), responseInitType),
	Members: join(
		[]webidl.Member[*Response]{
			webidl.Static0[*Response]("error", responseError),
			webidl.Static2[*Response]("redirect", responseRedirect, webidl.USVString, webidl.Default(webidl.UnsignedShort, 302)),
			webidl.Static2[*Response]("json", responseJSON, webidl.Any, responseInitType),

			webidl.ReadOnly("type", func(r *Response, _ *webidl.Realm) (string, error) { return r.kind(), nil }),
			webidl.ReadOnly("url", func(r *Response, _ *webidl.Realm) (string, error) { return r.url, nil }),
			webidl.ReadOnly("redirected", func(r *Response, _ *webidl.Realm) (bool, error) { return r.redirected, nil }),
			webidl.ReadOnly("status", func(r *Response, _ *webidl.Realm) (int, error) { return r.status, nil }),
			webidl.ReadOnly("ok", func(r *Response, _ *webidl.Realm) (bool, error) { return r.status >= 200 && r.status <= 299, nil }),
			webidl.ReadOnly("statusText", func(r *Response, _ *webidl.Realm) (webidl.Bytes, error) { return webidl.Bytes(r.statusText), nil }),
			webidl.ReadOnly("headers", func(r *Response, js *webidl.Realm) (*goja.Object, error) { return r.headersObject(js), nil }),
			webidl.Op0("clone", (*Response).clone),

			// Workers: https://developers.cloudflare.com/workers/runtime-apis/response/
			webidl.ReadOnly("webSocket", func(r *Response, _ *webidl.Realm) (goja.Value, error) { return r.webSocket, nil }),
			webidl.ReadOnly("cf", func(r *Response, _ *webidl.Realm) (goja.Value, error) { return orUndefined(r.cf), nil }),
		},
		bodyMembers[*Response](),
	),
}

func join[T any](lists ...[]webidl.Member[T]) []webidl.Member[T] {
	var all []webidl.Member[T]
	for _, l := range lists {
		all = append(all, l...)
	}
	return all
}

func orUndefined(v goja.Value) goja.Value {
	if v == nil {
		return goja.Undefined()
	}
	return v
}

// A Response is the implementation of ResponseClass.
type Response struct {
	webidl.Handle
	mixin
	status       int
	statusText   string
	list         HeaderList
	headers      *headers // once a script has seen it
	guard        guard
	url          string
	redirected   bool
	keepEncoding bool
	fetched      bool
	cf           goja.Value
	webSocket    goja.Value
	first        [1]outside.Field // where list begins: most responses have one header
}

// Wrap implements webidl.Wrapper.
func (r *Response) Wrap(js *webidl.Realm) *goja.Object { return ResponseClass.Wrap(js, r) }

type responseInit struct {
	status       uint16
	statusText   string
	headers      webidl.Opt[HeaderList]
	webSocket    goja.Value
	cf           goja.Value
	keepEncoding bool
}

// responseInitType is the ResponseInit dictionary with Workers' members. A Response
// given as one, the usual way to change a fetched response, is read without its getters.
var responseInitType = func() webidl.Type[responseInit] {
	start := responseInit{status: 200}
	dict := webidl.Dict("ResponseInit", start,
		webidl.Has("status", webidl.UnsignedShort, func(i *responseInit) *uint16 { return &i.status }),
		webidl.Has("statusText", webidl.ByteString, func(i *responseInit) *string { return &i.statusText }),
		webidl.May("headers", HeadersInit, func(i *responseInit) *webidl.Opt[HeaderList] { return &i.headers }),
		webidl.Has("webSocket", webidl.Any, func(i *responseInit) *goja.Value { return &i.webSocket }),
		webidl.Has("cf", webidl.Any, func(i *responseInit) *goja.Value { return &i.cf }),
		webidl.Has("encodeBody", encodeBody, func(i *responseInit) *bool { return &i.keepEncoding }),
	)
	return webidl.Default(webidl.NewType("ResponseInit", func(js *webidl.Realm, v goja.Value) (responseInit, error) {
		if r, ok := webidl.As[*Response](v); ok {
			return responseInit{
				status: uint16(r.status), statusText: r.statusText, headers: webidl.Some(r.list.Clone()),
				webSocket: r.webSocket, cf: r.cf, keepEncoding: r.keepEncoding,
			}, nil
		}
		return dict.Convert(js, v)
	}), start)
}()

// encodeBody is Workers' enumeration; the Go value is true for "manual".
var encodeBody = webidl.NewType("EncodeBody", func(js *webidl.Realm, v goja.Value) (bool, error) {
	s, err := encodeBodyEnum.Convert(js, v)
	return s == "manual", err
})

var encodeBodyEnum = webidl.Enum("EncodeBody", "automatic", "manual")

// newResponse: https://fetch.spec.whatwg.org/#dom-response
func newResponse(js *webidl.Realm, b webidl.Opt[extracted], init responseInit) (*Response, error) {
	r := &Response{}
	var content *extracted
	if b.Set {
		content = &b.Value
	}
	return r, r.initialize(init, content)
}

// initialize: https://fetch.spec.whatwg.org/#initialize-a-response
func (r *Response) initialize(init responseInit, content *extracted) error {
	upgrade := init.status == 101 && init.webSocket != nil && !goja.IsNull(init.webSocket) && !goja.IsUndefined(init.webSocket)
	// 1. A status outside 200 to 599 is a RangeError.
	if (init.status < 200 || init.status > 599) && !upgrade {
		return webidl.RangeError("The status provided (%d) is outside the range [200, 599].", init.status)
	}
	// 2. statusText must match the reason-phrase production.
	if !isReasonPhrase(init.statusText) {
		return webidl.TypeError("Invalid statusText")
	}
	// 3-5.
	r.status, r.statusText = int(init.status), init.statusText
	if r.list = init.headers.Value; r.list.fields == nil {
		r.list.fields = r.first[:0]
	}
	r.cf, r.keepEncoding, r.webSocket = init.cf, init.keepEncoding, goja.Null()
	if upgrade {
		r.webSocket = init.webSocket
	}
	// 6.
	if content != nil {
		if isNullBodyStatus(r.status) {
			return webidl.TypeError("Response with null body status (101, 204, 205, or 304) cannot have a body.")
		}
		r.body = content.body
		if content.contentType != "" && !r.list.Has("content-type") {
			r.list.Append("content-type", content.contentType)
		}
	}
	return nil
}

func isNullBodyStatus(status int) bool {
	return status == 101 || status == 103 || status == 204 || status == 205 || status == 304
}

func isReasonPhrase(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c != '\t' && c < ' ' || c == 0x7F {
			return false
		}
	}
	return true
}

// responseError: https://fetch.spec.whatwg.org/#dom-response-error
func responseError(js *webidl.Realm) (*goja.Object, error) {
	r := &Response{guard: guardImmutable, webSocket: goja.Null()}
	return webidl.ObjectOf(js, r), nil
}

// responseRedirect: https://fetch.spec.whatwg.org/#dom-response-redirect
func responseRedirect(js *webidl.Realm, target string, status uint16) (*goja.Object, error) {
	// 1-2. A worker has no base URL.
	u, err := url.Parse(target, nil)
	if err != nil {
		return nil, webidl.TypeError("Unable to parse URL: %s", target)
	}
	// 3.
	switch status {
	case 301, 302, 303, 307, 308:
	default:
		return nil, webidl.RangeError("Invalid status code: %d is not a redirect status (301, 302, 303, 307 or 308).", status)
	}
	// 4-8.
	r := &Response{status: int(status), guard: guardImmutable, webSocket: goja.Null()}
	r.list.Append("location", u.Href())
	return webidl.ObjectOf(js, r), nil
}

// responseJSON: https://fetch.spec.whatwg.org/#dom-response-json
func responseJSON(js *webidl.Realm, data goja.Value, init responseInit) (*goja.Object, error) {
	text, err := StringifyJSON(js, data)
	if err != nil {
		return nil, err
	}
	r := &Response{}
	if err := r.initialize(init, &extracted{body{data: outside.Body{Bytes: text}}, "application/json"}); err != nil {
		return nil, err
	}
	return webidl.ObjectOf(js, r), nil
}

// kind is the type attribute: https://fetch.spec.whatwg.org/#dom-response-type
func (r *Response) kind() string {
	switch {
	case r.status == 0:
		return "error"
	case r.fetched:
		return "basic"
	}
	return "default"
}

func (r *Response) headersObject(js *webidl.Realm) *goja.Object {
	if r.headers == nil {
		r.headers = &headers{list: &r.list, guard: r.guard}
	}
	return Headers.Wrap(js, r.headers)
}

// clone: https://fetch.spec.whatwg.org/#dom-response-clone
func (r *Response) clone(js *webidl.Realm) (*goja.Object, error) {
	if r.body.unusable() {
		return nil, webidl.TypeError("Response body is already used")
	}
	if r.webSocket != nil && !goja.IsNull(r.webSocket) {
		return nil, webidl.TypeError("Cannot clone a response to a WebSocket handshake.")
	}
	b, err := r.body.clone(js)
	if err != nil {
		return nil, err
	}
	c := &Response{
		status: r.status, statusText: r.statusText, list: r.list.Clone(), guard: r.guard, url: r.url,
		redirected: r.redirected, keepEncoding: r.keepEncoding, fetched: r.fetched, cf: r.cf, webSocket: r.webSocket,
	}
	c.body = b
	return webidl.ObjectOf(js, c), nil
}

func (r *Response) mimeType() (mimesniff.Type, bool) { return extractMIMEType(&r.list) }

// Send gives the response up to be sent to whoever asked the worker for it.
func (r *Response) Send(js *webidl.Realm) (res outside.Response, err error) {
	if r.status == 0 {
		return res, webidl.TypeError("Cannot respond with Response.error().")
	}
	data, err := r.body.take(js)
	if err != nil {
		return res, err
	}
	res = outside.Response{
		Status: r.status, StatusText: r.statusText, Header: sent(&r.list, r.headers), Body: data, KeepEncoding: r.keepEncoding,
	}
	if r.status == 101 {
		socket, ok := webidl.Unwrap(r.webSocket).(Socket)
		if !ok {
			return res, webidl.TypeError("A response with status 101 needs the client end of a WebSocketPair as its webSocket.")
		}
		if res.Socket, err = socket.TakeSocket(js); err != nil {
			return res, err
		}
	}
	return res, nil
}

// FromOutside makes the Response object of one that came from outside, without its socket.
func FromOutside(js *webidl.Realm, res *outside.Response) *Response {
	r := &Response{
		status: res.Status, statusText: res.StatusText, list: HeaderList{res.Header}, guard: guardImmutable,
		url: res.URL, redirected: res.Redirected, keepEncoding: res.KeepEncoding, fetched: true, webSocket: goja.Null(),
	}
	r.body.data = res.Body
	return r
}

// String is what a log shows of a response.
func (r *Response) String() string { return "Response " + strconv.Itoa(r.status) }
