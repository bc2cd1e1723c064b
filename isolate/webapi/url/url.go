package url

import (
	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// URL is the URL interface: https://url.spec.whatwg.org/#url-class
var URL = &webidl.Class[*urlObject]{
	Name:        "URL",
	Constructor: webidl.New2(newURL, webidl.USVString, webidl.Optional(webidl.USVString)),
	Members: []webidl.Member[*urlObject]{
		webidl.Static2[*urlObject]("parse", parseURL, webidl.USVString, webidl.Optional(webidl.USVString)),
		webidl.Static2[*urlObject]("canParse", canParseURL, webidl.USVString, webidl.Optional(webidl.USVString)),

		webidl.Attr("href", webidl.USVString, get((*Record).Href), (*urlObject).setHref),
		webidl.Op0("toString", get((*Record).Href)),
		webidl.ReadOnly("origin", get((*Record).Origin)),
		webidl.Attr("protocol", webidl.USVString, get((*Record).Protocol), put((*Record).SetProtocol)),
		webidl.Attr("username", webidl.USVString, get((*Record).Username), put((*Record).SetUsername)),
		webidl.Attr("password", webidl.USVString, get((*Record).Password), put((*Record).SetPassword)),
		webidl.Attr("host", webidl.USVString, get((*Record).Host), put((*Record).SetHost)),
		webidl.Attr("hostname", webidl.USVString, get((*Record).Hostname), put((*Record).SetHostname)),
		webidl.Attr("port", webidl.USVString, get((*Record).Port), put((*Record).SetPort)),
		webidl.Attr("pathname", webidl.USVString, get((*Record).Pathname), put((*Record).SetPathname)),
		webidl.Attr("search", webidl.USVString, get((*Record).Search), (*urlObject).setSearch),
		webidl.ReadOnly("searchParams", (*urlObject).searchParams),
		webidl.Attr("hash", webidl.USVString, get((*Record).Hash), put((*Record).SetHash)),
		webidl.Op0("toJSON", get((*Record).Href)),

		// Object URLs would have to live as long as a global object that is shared by
		// requests. They exist here, as on Workers, to say so.
		webidl.Static1[*urlObject]("createObjectURL", noObjectURLs, webidl.Any),
		webidl.Static1[*urlObject]("revokeObjectURL", noObjectURLs, webidl.Any),
	},
}

// A urlObject is the implementation of [URL].
type urlObject struct {
	webidl.Handle
	record Record           // but for its query if stale; see current
	params *urlSearchParams // the query object, once a script has seen it
	stale  bool             // the query object has changed since record had its query
}

// current returns the record. Changes of the query object reach it here, so that many
// in a row cost one serialization.
func (u *urlObject) current() *Record {
	if u.stale {
		u.stale = false
		query := u.params.list.String()
		u.record.SetQuery(query, query != "")
	}
	return &u.record
}

// Wrap implements webidl.Wrapper.
func (u *urlObject) Wrap(js *webidl.Realm) *goja.Object { return URL.Wrap(js, u) }

// String is what a log shows of a URL.
func (u *urlObject) String() string { return u.current().href }

// get is an attribute whose value is a part of the record.
func get(part func(*Record) string) func(*urlObject, *webidl.Realm) (string, error) {
	return func(u *urlObject, _ *webidl.Realm) (string, error) { return part(u.current()), nil }
}

// put is the setter of an attribute that ignores values it cannot take.
func put(set func(*Record, string)) func(*urlObject, *webidl.Realm, string) error {
	return func(u *urlObject, _ *webidl.Realm, v string) error {
		set(u.current(), v)
		return nil
	}
}

// parse is https://url.spec.whatwg.org/#api-url-parser into u.
func (u *urlObject) parse(input string, base webidl.Opt[string]) Failure {
	// 1-2. The base, which must be a URL by itself.
	if !base.Set {
		return u.record.parse(input, nil)
	}
	if f := u.record.parse(base.Value, nil); f != ok {
		return f
	}
	// 3.
	return u.record.parse(input, &u.record)
}

// newURL: https://url.spec.whatwg.org/#dom-url-url
func newURL(_ *webidl.Realm, input string, base webidl.Opt[string]) (*urlObject, error) {
	u := new(urlObject)
	if u.parse(input, base) != ok {
		return nil, errInvalidURL
	}
	return u, nil
}

// errInvalidURL has the words that scripts compare.
var errInvalidURL = webidl.TypeError("Invalid URL")

// parseURL: https://url.spec.whatwg.org/#dom-url-parse
func parseURL(js *webidl.Realm, input string, base webidl.Opt[string]) (*goja.Object, error) {
	u := new(urlObject)
	if u.parse(input, base) != ok {
		return nil, nil
	}
	return webidl.ObjectOf(js, u), nil
}

// canParseURL: https://url.spec.whatwg.org/#dom-url-canparse
func canParseURL(_ *webidl.Realm, input string, base webidl.Opt[string]) (bool, error) {
	if !base.Set {
		return CanParse(input, nil), nil
	}
	var b Record
	return b.parse(base.Value, nil) == ok && CanParse(input, &b), nil
}

// setHref: https://url.spec.whatwg.org/#dom-url-href
func (u *urlObject) setHref(_ *webidl.Realm, href string) error {
	// 1-2.
	if u.record.parse(href, nil) != ok {
		return errInvalidURL
	}
	// 3-6.
	u.refill()
	return nil
}

// setSearch: https://url.spec.whatwg.org/#dom-url-search
func (u *urlObject) setSearch(_ *webidl.Realm, search string) error {
	u.record.SetSearch(search) // whatever the query was
	u.refill()
	return nil
}

// refill makes the query object's list that of the query.
func (u *urlObject) refill() {
	u.stale = false
	if u.params != nil {
		query, _ := u.record.Query()
		u.params.list.Parse(query)
	}
}

// searchParams: https://url.spec.whatwg.org/#dom-url-searchparams
func (u *urlObject) searchParams(js *webidl.Realm) (*goja.Object, error) {
	if u.params == nil {
		u.params = &urlSearchParams{url: u}
		u.refill()
	}
	return webidl.ObjectOf(js, u.params), nil
}

func noObjectURLs(*webidl.Realm, goja.Value) (webidl.Undefined, error) {
	return webidl.Undefined{}, webidl.PlainError("the method is not implemented.")
}
