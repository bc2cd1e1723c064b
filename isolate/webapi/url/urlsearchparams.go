package url

import (
	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// URLSearchParams is the URLSearchParams interface:
// https://url.spec.whatwg.org/#interface-urlsearchparams
var URLSearchParams = &webidl.Class[*urlSearchParams]{
	Name:        "URLSearchParams",
	Constructor: webidl.New1(newURLSearchParams, webidl.Default(searchParamsInit, nil)),
	Members: []webidl.Member[*urlSearchParams]{
		webidl.ReadOnly("size", func(p *urlSearchParams, _ *webidl.Realm) (int, error) { return p.list.Len(), nil }),
		webidl.Proc2("append", (*urlSearchParams).append, webidl.USVString, webidl.USVString),
		webidl.Proc2("delete", (*urlSearchParams).delete, webidl.USVString, webidl.Optional(webidl.USVString)),
		webidl.Op1("get", (*urlSearchParams).get, webidl.USVString),
		webidl.Op1("getAll", (*urlSearchParams).getAll, webidl.USVString),
		webidl.Op2("has", (*urlSearchParams).has, webidl.USVString, webidl.Optional(webidl.USVString)),
		webidl.Proc2("set", (*urlSearchParams).set, webidl.USVString, webidl.USVString),
		webidl.Proc0("sort", (*urlSearchParams).sort),
		webidl.Iterable((*urlSearchParams).at),
		webidl.Op0("toString", func(p *urlSearchParams, _ *webidl.Realm) (string, error) { return p.list.String(), nil }),
	},
}

// A urlSearchParams is the implementation of [URLSearchParams].
type urlSearchParams struct {
	webidl.Handle
	list Params
	url  *urlObject // whose query this is; nil for an object of its own
}

// Wrap implements webidl.Wrapper.
func (p *urlSearchParams) Wrap(js *webidl.Realm) *goja.Object { return URLSearchParams.Wrap(js, p) }

// String is what a log shows of the list.
func (p *urlSearchParams) String() string { return p.list.String() }

// FetchBody is what the list is as the body of a request or a response.
// https://fetch.spec.whatwg.org/#concept-bodyinit-extract
func (p *urlSearchParams) FetchBody(*webidl.Realm) (data []byte, contentType string, err error) {
	return []byte(p.list.String()), "application/x-www-form-urlencoded;charset=UTF-8", nil
}

// searchParamsInit is (sequence<sequence<USVString>> or record<USVString, USVString> or
// USVString), filled into a list. https://url.spec.whatwg.org/#urlsearchparams-initialize
var searchParamsInit = webidl.NewType("URLSearchParamsInit", func(js *webidl.Realm, v goja.Value) (*Params, error) {
	o, isObject := v.(*goja.Object)
	if !isObject {
		s, err := webidl.USVString.Convert(js, v)
		if err != nil {
			return nil, err
		}
		if s != "" && s[0] == '?' {
			s = s[1:]
		}
		return ParseParams(s), nil
	}
	if method := o.GetSymbol(goja.SymIterator); method != nil && !goja.IsUndefined(method) && !goja.IsNull(method) {
		return fromSequence(js, v)
	}
	return fromRecord(js, v)
})

var (
	sequenceOfPairs = webidl.Sequence(webidl.Sequence(webidl.USVString))
	recordOfStrings = webidl.Record(webidl.USVString, webidl.USVString)
)

func fromSequence(js *webidl.Realm, v goja.Value) (*Params, error) {
	pairs, err := sequenceOfPairs.Convert(js, v)
	if err != nil {
		return nil, err
	}
	p := &Params{make([]Pair, 0, len(pairs))}
	for _, pair := range pairs {
		if len(pair) != 2 {
			return nil, webidl.TypeError("Sequence initializer must only contain pair elements")
		}
		p.Append(pair[0], pair[1])
	}
	return p, nil
}

func fromRecord(js *webidl.Realm, v goja.Value) (*Params, error) {
	record, err := recordOfStrings.Convert(js, v)
	if err != nil {
		return nil, err
	}
	p := &Params{make([]Pair, 0, len(record))}
	for _, entry := range record {
		p.Append(entry.Key, entry.Value)
	}
	return p, nil
}

// newURLSearchParams: https://url.spec.whatwg.org/#dom-urlsearchparams-urlsearchparams
func newURLSearchParams(_ *webidl.Realm, init *Params) (*urlSearchParams, error) {
	p := new(urlSearchParams)
	if init != nil {
		p.list = *init
	}
	return p, nil
}

// update: https://url.spec.whatwg.org/#concept-urlsearchparams-update
func (p *urlSearchParams) update() {
	if p.url != nil {
		p.url.stale = true
	}
}

// append: https://url.spec.whatwg.org/#dom-urlsearchparams-append
func (p *urlSearchParams) append(_ *webidl.Realm, name, value string) error {
	p.list.Append(name, value)
	p.update()
	return nil
}

// delete: https://url.spec.whatwg.org/#dom-urlsearchparams-delete
func (p *urlSearchParams) delete(_ *webidl.Realm, name string, value webidl.Opt[string]) error {
	if value.Set {
		p.list.DeleteValue(name, value.Value)
	} else {
		p.list.Delete(name)
	}
	p.update()
	return nil
}

// get: https://url.spec.whatwg.org/#dom-urlsearchparams-get
func (p *urlSearchParams) get(_ *webidl.Realm, name string) (webidl.Opt[string], error) {
	value, found := p.list.Get(name)
	return webidl.Opt[string]{Value: value, Set: found}, nil
}

// getAll: https://url.spec.whatwg.org/#dom-urlsearchparams-getall
func (p *urlSearchParams) getAll(_ *webidl.Realm, name string) ([]string, error) {
	return p.list.GetAll(name), nil
}

// has: https://url.spec.whatwg.org/#dom-urlsearchparams-has
func (p *urlSearchParams) has(_ *webidl.Realm, name string, value webidl.Opt[string]) (bool, error) {
	if value.Set {
		return p.list.HasValue(name, value.Value), nil
	}
	return p.list.Has(name), nil
}

// set: https://url.spec.whatwg.org/#dom-urlsearchparams-set
func (p *urlSearchParams) set(_ *webidl.Realm, name, value string) error {
	p.list.Set(name, value)
	p.update()
	return nil
}

// sort: https://url.spec.whatwg.org/#dom-urlsearchparams-sort
func (p *urlSearchParams) sort(*webidl.Realm) error {
	p.list.Sort()
	p.update()
	return nil
}

func (p *urlSearchParams) at(js *webidl.Realm, i int) (key, value goja.Value, ok bool) {
	if i >= p.list.Len() {
		return nil, nil, false
	}
	pair := p.list.At(i)
	return js.String(pair.Name), js.String(pair.Value), true
}
