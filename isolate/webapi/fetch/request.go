package fetch

import (
	"slices"
	"strings"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/outside"
	"github.com/mayfly-edge/mayfly/isolate/webapi/dom"
	"github.com/mayfly-edge/mayfly/isolate/webapi/mimesniff"
	"github.com/mayfly-edge/mayfly/isolate/webapi/url"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// RequestClass is the Fetch standard's Request interface.
// https://fetch.spec.whatwg.org/#request-class
var RequestClass = &webidl.Class[*Request]{
	Name:        "Request",
	Constructor: webidl.New2(newRequest, webidl.Any, webidl.OptionalAny),
	Members: join(
		[]webidl.Member[*Request]{
			webidl.ReadOnly("method", func(r *Request, _ *webidl.Realm) (string, error) { return r.method, nil }),
			webidl.ReadOnly("url", func(r *Request, _ *webidl.Realm) (string, error) { return r.url, nil }),
			webidl.ReadOnly("headers", func(r *Request, js *webidl.Realm) (*goja.Object, error) { return r.headersObject(js), nil }),
			webidl.ReadOnly("destination", func(*Request, *webidl.Realm) (string, error) { return "", nil }),
			webidl.ReadOnly("referrer", func(r *Request, _ *webidl.Realm) (string, error) {
				if r.init.referrer == noReferrer {
					return "", nil
				}
				return or(r.init.referrer, "about:client"), nil
			}),
			webidl.ReadOnly("referrerPolicy", func(r *Request, _ *webidl.Realm) (string, error) { return r.init.referrerPolicy, nil }),
			webidl.ReadOnly("mode", func(r *Request, _ *webidl.Realm) (string, error) { return or(r.init.mode, "cors"), nil }),
			webidl.ReadOnly("credentials", func(r *Request, _ *webidl.Realm) (string, error) {
				return or(r.init.credentials, "same-origin"), nil
			}),
			webidl.ReadOnly("cache", func(r *Request, _ *webidl.Realm) (string, error) { return or(r.init.cache, "default"), nil }),
			webidl.ReadOnly("redirect", func(r *Request, _ *webidl.Realm) (string, error) {
				return or(r.init.redirect, outside.RedirectFollow), nil
			}),
			webidl.ReadOnly("integrity", func(r *Request, _ *webidl.Realm) (string, error) { return r.init.integrity, nil }),
			webidl.ReadOnly("keepalive", func(r *Request, _ *webidl.Realm) (bool, error) { return r.init.keepalive, nil }),
			webidl.ReadOnly("isReloadNavigation", func(*Request, *webidl.Realm) (bool, error) { return false, nil }),
			webidl.ReadOnly("isHistoryNavigation", func(*Request, *webidl.Realm) (bool, error) { return false, nil }),
			webidl.ReadOnly("signal", (*Request).signalObject),
			webidl.ReadOnly("duplex", func(*Request, *webidl.Realm) (string, error) { return "half", nil }),
			webidl.Op0("clone", (*Request).clone),

			// Workers: https://developers.cloudflare.com/workers/runtime-apis/request/
			webidl.ReadOnly("cf", (*Request).cfObject),
		},
		bodyMembers[*Request](),
	),
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// A Request is the implementation of RequestClass.
type Request struct {
	webidl.Handle
	mixin
	method  string
	url     string
	list    HeaderList
	headers *headers // once a script has seen it
	guard   guard
	init    settings
	signal  *dom.AbortSignal
	cf      goja.Value
	cfText  []byte // JSON text of cf until a script looks at it
}

// Wrap implements webidl.Wrapper.
func (r *Request) Wrap(js *webidl.Realm) *goja.Object { return RequestClass.Wrap(js, r) }

// settings are the parts of a request that have little meaning here beside their
// attributes. An empty string is the default.
type settings struct {
	referrer       string
	referrerPolicy string
	mode           string
	credentials    string
	cache          string
	redirect       string
	integrity      string
	duplex         string
	keepalive      bool
	keepEncoding   bool
}

// noReferrer is the referrer "no-referrer" in settings; no URL is that.
const noReferrer = "\x00"

// requestInit is the RequestInit dictionary: https://fetch.spec.whatwg.org/#requestinit
// An empty string is an absent member.
type requestInit struct {
	settings
	method       webidl.Opt[string]
	headers      webidl.Opt[HeaderList]
	body         webidl.Opt[webidl.Opt[extracted]]
	hasKeepalive bool
	signal       webidl.Opt[webidl.Opt[*dom.AbortSignal]]
	window       webidl.Opt[goja.Value]
	cf           webidl.Opt[goja.Value]
}

var requestInitType = webidl.Dict("RequestInit", requestInit{},
	webidl.May("method", webidl.ByteString, func(i *requestInit) *webidl.Opt[string] { return &i.method }),
	webidl.May("headers", HeadersInit, func(i *requestInit) *webidl.Opt[HeaderList] { return &i.headers }),
	webidl.May("body", webidl.Nullable(BodyInit), func(i *requestInit) *webidl.Opt[webidl.Opt[extracted]] { return &i.body }),
	webidl.Has("referrer", webidl.NewType("USVString", func(js *webidl.Realm, v goja.Value) (string, error) {
		// The empty string is a value of its own here.
		s, err := webidl.USVString.Convert(js, v)
		return or(s, noReferrer), err
	}), func(i *requestInit) *string { return &i.referrer }),
	webidl.Has("referrerPolicy", webidl.Enum("ReferrerPolicy", "", "no-referrer", "no-referrer-when-downgrade", "same-origin", "origin",
		"strict-origin", "origin-when-cross-origin", "strict-origin-when-cross-origin", "unsafe-url"),
		func(i *requestInit) *string { return &i.referrerPolicy }),
	webidl.Has("mode", webidl.Enum("RequestMode", "same-origin", "no-cors", "cors", "navigate"), func(i *requestInit) *string { return &i.mode }),
	webidl.Has("credentials", webidl.Enum("RequestCredentials", "omit", "same-origin", "include"), func(i *requestInit) *string { return &i.credentials }),
	webidl.Has("cache", webidl.Enum("RequestCache", "default", "no-store", "reload", "no-cache", "force-cache", "only-if-cached"),
		func(i *requestInit) *string { return &i.cache }),
	webidl.Has("redirect", webidl.Enum("RequestRedirect", outside.RedirectFollow, outside.RedirectError, outside.RedirectManual),
		func(i *requestInit) *string { return &i.redirect }),
	webidl.Has("integrity", webidl.DOMString, func(i *requestInit) *string { return &i.integrity }),
	webidl.Has("keepalive", webidl.NewType("boolean", func(_ *webidl.Realm, v goja.Value) (bool, error) { return v.ToBoolean(), nil }),
		func(i *requestInit) *bool { i.hasKeepalive = true; return &i.keepalive }),
	webidl.May("signal", webidl.Nullable(dom.Signal), func(i *requestInit) *webidl.Opt[webidl.Opt[*dom.AbortSignal]] { return &i.signal }),
	webidl.Has("duplex", webidl.Enum("RequestDuplex", "half"), func(i *requestInit) *string { return &i.duplex }),
	webidl.May("window", webidl.Any, func(i *requestInit) *webidl.Opt[goja.Value] { return &i.window }),
	webidl.May("cf", webidl.Any, func(i *requestInit) *webidl.Opt[goja.Value] { return &i.cf }),
	webidl.Has("encodeResponseBody", encodeBody, func(i *requestInit) *bool { return &i.keepEncoding }),
)

// newRequest: https://fetch.spec.whatwg.org/#dom-request
func newRequest(js *webidl.Realm, input, options goja.Value) (*Request, error) {
	// The dictionary is converted before the steps run. A Request given as one is read
	// through its attributes like any object, as the standard has it.
	init, err := requestInitType.Convert(js, options)
	if err != nil {
		return nil, err
	}
	r := &Request{method: "GET"}
	from, isRequest := webidl.As[*Request](input)
	if isRequest {
		// 6, 12. The request to copy.
		r.method, r.url, r.list = from.method, from.url, from.list.Clone()
		r.init, r.signal, r.cf, r.cfText = from.init, from.signal, from.cf, from.cfText
	} else {
		// 5. Parse the URL; a worker has no base URL.
		s, err := webidl.USVString.Convert(js, input)
		if err != nil {
			return nil, err
		}
		u, err := url.Parse(s, nil)
		if err != nil {
			return nil, webidl.TypeError("Invalid URL: %s", s)
		}
		if u.Username() != "" || u.Password() != "" {
			return nil, webidl.TypeError("Request cannot be constructed from a URL that includes credentials: %s", s)
		}
		r.url = u.Href()
	}
	if err := r.apply(js, &init); err != nil {
		return nil, err
	}
	// 33-41. The body: init's, else the input's.
	var given *extracted
	if init.body.Set && init.body.Value.Set {
		given = &init.body.Value.Value
	}
	hasInput := isRequest && !from.body.null()
	if (given != nil || !init.body.Set && hasInput) && (r.method == "GET" || r.method == "HEAD") {
		return nil, webidl.TypeError("Request with a GET or HEAD method cannot have a body.")
	}
	switch {
	case given != nil:
		if given.body.stream != nil && init.duplex == "" && !isRequest {
			// Workers do not ask for duplex: "half", which is all that there is.
			r.init.duplex = "half"
		}
		r.body = given.body
		if given.contentType != "" && !r.list.Has("content-type") {
			r.list.Append("content-type", given.contentType)
		}
	case !init.body.Set && hasInput:
		if from.body.unusable() {
			return nil, webidl.TypeError("Cannot reconstruct a Request with a used body.")
		}
		if r.body, err = from.body.move(js); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// apply is steps 10 to 32 of the constructor: what init says beside the body.
func (r *Request) apply(js *webidl.Realm, init *requestInit) error {
	if init.window.Set && !goja.IsNull(init.window.Value) {
		return webidl.TypeError("'window' can only be null.")
	}
	if init.referrer != "" {
		if init.referrer == noReferrer {
			r.init.referrer = init.referrer
		} else if u, err := url.Parse(init.referrer, nil); err != nil {
			return webidl.TypeError("Referrer '%s' is not a valid URL.", init.referrer)
		} else {
			r.init.referrer = u.Href()
		}
	}
	if init.mode == "navigate" {
		return webidl.TypeError("Cannot construct a Request with a RequestInit whose mode member is set as 'navigate'.")
	}
	for _, m := range []struct{ to, from *string }{
		{&r.init.referrerPolicy, &init.referrerPolicy}, {&r.init.mode, &init.mode}, {&r.init.credentials, &init.credentials},
		{&r.init.cache, &init.cache}, {&r.init.redirect, &init.redirect}, {&r.init.integrity, &init.integrity},
	} {
		if *m.from != "" {
			*m.to = *m.from
		}
	}
	if init.cache == "only-if-cached" && r.init.mode != "same-origin" {
		return webidl.TypeError("'only-if-cached' can be set only with 'same-origin' mode")
	}
	if init.hasKeepalive {
		r.init.keepalive = init.keepalive
	}
	r.init.keepEncoding = init.keepEncoding
	if init.method.Set {
		m, err := normalizeMethod(init.method.Value)
		if err != nil {
			return err
		}
		r.method = m
	}
	if init.signal.Set {
		r.signal = nil
		if init.signal.Value.Set {
			r.signal = init.signal.Value.Value
		}
	}
	if r.signal != nil {
		r.signal = dom.AnySignal(r.signal)
	}
	if r.init.mode == "no-cors" && !slices.Contains([]string{"GET", "HEAD", "POST"}, r.method) {
		return webidl.TypeError("'%s' is unsupported in no-cors mode.", r.method)
	}
	if init.headers.Set {
		r.list = init.headers.Value
	}
	if init.cf.Set {
		r.cf, r.cfText = init.cf.Value, nil
	}
	return nil
}

// normalizeMethod: https://fetch.spec.whatwg.org/#concept-method-normalize
func normalizeMethod(method string) (string, error) {
	if !mimesniff.IsToken(method) {
		return "", webidl.TypeError("'%s' is not a valid HTTP method.", method)
	}
	switch upper := strings.ToUpper(method); upper {
	case "CONNECT", "TRACE", "TRACK":
		return "", webidl.TypeError("'%s' HTTP method is unsupported.", method)
	case "DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT":
		return upper, nil
	}
	return method, nil
}

// Incoming makes the Request of a fetch event. signal may be nil.
func Incoming(req *outside.Request) *Request {
	r := &Request{method: req.Method, url: req.URL, list: HeaderList{req.Header}, guard: guardImmutable, cfText: req.CF}
	r.init.redirect = outside.RedirectManual
	r.body.data = req.Body
	return r
}

func (r *Request) headersObject(js *webidl.Realm) *goja.Object {
	if r.headers == nil {
		r.headers = &headers{list: &r.list, guard: r.guard}
	}
	return Headers.Wrap(js, r.headers)
}

// signalObject: https://fetch.spec.whatwg.org/#dom-request-signal
func (r *Request) signalObject(js *webidl.Realm) (*goja.Object, error) {
	if r.signal == nil {
		r.signal = dom.AnySignal()
	}
	return r.signal.Wrap(js), nil
}

func (r *Request) cfObject(js *webidl.Realm) (goja.Value, error) {
	if r.cf == nil && r.cfText != nil {
		v, err := ParseJSON(js, r.cfText)
		if err != nil {
			return nil, err
		}
		r.cf, r.cfText = v, nil
	}
	return orUndefined(r.cf), nil
}

// clone: https://fetch.spec.whatwg.org/#dom-request-clone
func (r *Request) clone(js *webidl.Realm) (*goja.Object, error) {
	if r.body.unusable() {
		return nil, webidl.TypeError("Request body is already used")
	}
	b, err := r.body.clone(js)
	if err != nil {
		return nil, err
	}
	c := &Request{method: r.method, url: r.url, list: r.list.Clone(), guard: r.guard, init: r.init, cf: r.cf, cfText: r.cfText}
	c.body = b
	if r.signal != nil {
		c.signal = dom.AnySignal(r.signal)
	}
	return webidl.ObjectOf(js, c), nil
}

func (r *Request) mimeType() (mimesniff.Type, bool) { return extractMIMEType(&r.list) }

// Send gives the request up to be sent.
func (r *Request) Send(js *webidl.Realm) (*outside.Request, error) {
	data, err := r.body.take(js)
	if err != nil {
		return nil, err
	}
	target := r.url
	if i := strings.IndexByte(target, '#'); i >= 0 {
		target = target[:i]
	}
	req := &outside.Request{
		Method: r.method, URL: target, Header: r.list.Fields(), Body: data,
		Redirect: or(r.init.redirect, outside.RedirectFollow), KeepEncoding: r.init.keepEncoding, CF: r.cfText,
	}
	if r.cf != nil && !goja.IsUndefined(r.cf) && !goja.IsNull(r.cf) {
		if req.CF, err = StringifyJSON(js, r.cf); err != nil {
			return nil, err
		}
	}
	return req, nil
}
