package fetch

import (
	"strings"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/outside"
	"github.com/mayfly-edge/mayfly/isolate/webapi/mimesniff"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// Headers is the Fetch standard's Headers interface.
// https://fetch.spec.whatwg.org/#headers-class
var Headers = &webidl.Class[*headers]{
	Name:        "Headers",
	Constructor: webidl.New1(newHeaders, webidl.Optional(HeadersInit)),
	Members: []webidl.Member[*headers]{
		webidl.Proc2("append", (*headers).append, webidl.ByteString, webidl.ByteString),
		webidl.Proc1("delete", (*headers).delete, webidl.ByteString),
		webidl.Op1("get", (*headers).get, webidl.ByteString),
		webidl.Op1("getAll", (*headers).getAll, webidl.ByteString), // Workers
		webidl.Op0("getSetCookie", (*headers).getSetCookie),
		webidl.Op1("has", (*headers).has, webidl.ByteString),
		webidl.Proc2("set", (*headers).set, webidl.ByteString, webidl.ByteString),
		webidl.Iterable((*headers).at),
	},
}

// guard is a Headers object's guard. https://fetch.spec.whatwg.org/#concept-headers-guard
// Workers have no forbidden headers, so only immutable makes a difference.
type guard uint8

const (
	guardNone guard = iota
	guardImmutable
)

type headers struct {
	webidl.Handle
	// list is the header list of the message that the object belongs to, or own.
	list  *HeaderList
	own   HeaderList
	guard guard

	// combined is the sorted form while iterations go on; any change drops it.
	combined []outside.Field
}

// HeadersInit is (sequence<sequence<ByteString>> or record<ByteString, ByteString>).
var HeadersInit = webidl.NewType("HeadersInit", func(js *webidl.Realm, v goja.Value) (HeaderList, error) {
	var l HeaderList
	if h, ok := webidl.As[*headers](v); ok {
		return h.list.Clone(), nil
	}
	o, ok := v.(*goja.Object)
	if !ok {
		return l, webidl.TypeError("The provided value is not of type '(record<ByteString, ByteString> or sequence<sequence<ByteString>>)'.")
	}
	if method := o.GetSymbol(goja.SymIterator); method != nil && !goja.IsUndefined(method) && !goja.IsNull(method) {
		pairs, err := headerPairs.Convert(js, v)
		if err != nil {
			return l, err
		}
		for _, pair := range pairs {
			if len(pair) != 2 {
				return l, webidl.TypeError("Invalid value")
			}
			if err := l.add(pair[0], pair[1]); err != nil {
				return l, err
			}
		}
		return l, nil
	}
	record, err := headerRecord.Convert(js, v)
	if err != nil {
		return l, err
	}
	l.fields = make([]outside.Field, 0, len(record)+spareFields)
	for _, pair := range record {
		if err := l.add(pair.Key, pair.Value); err != nil {
			return l, err
		}
	}
	return l, nil
})

// spareFields is how many fields a script may add to those that it begins with before
// they move.
const spareFields = 2

var (
	headerPairs  = webidl.Sequence(webidl.Sequence(webidl.ByteString))
	headerRecord = webidl.Record(webidl.ByteString, webidl.ByteString)
)

// add validates and appends. https://fetch.spec.whatwg.org/#concept-headers-append
func (l *HeaderList) add(name, value string) error {
	value = normalizeValue(value)
	if err := validate(name, value); err != nil {
		return err
	}
	l.Append(lower(name), value)
	return nil
}

func validate(name, value string) error {
	if !mimesniff.IsToken(name) {
		return webidl.TypeError("Invalid name")
	}
	if !validValue(value) {
		return webidl.TypeError("Invalid value")
	}
	return nil
}

// lower is strings.ToLower for a token.
func lower(name string) string { return strings.ToLower(name) }

func newHeaders(js *webidl.Realm, init webidl.Opt[HeaderList]) (*headers, error) {
	h := &headers{own: init.Value}
	h.list = &h.own
	return h, nil
}

// append: https://fetch.spec.whatwg.org/#dom-headers-append
func (h *headers) append(js *webidl.Realm, name, value string) error {
	value = normalizeValue(value)
	if err := h.writable(name, value); err != nil {
		return err
	}
	h.list.Append(lower(name), value)
	return nil
}

// delete: https://fetch.spec.whatwg.org/#dom-headers-delete
func (h *headers) delete(js *webidl.Realm, name string) error {
	if err := h.writable(name, ""); err != nil {
		return err
	}
	h.list.Delete(lower(name))
	return nil
}

// get: https://fetch.spec.whatwg.org/#dom-headers-get
func (h *headers) get(js *webidl.Realm, name string) (v webidl.Opt[webidl.Bytes], err error) {
	if !mimesniff.IsToken(name) {
		return v, webidl.TypeError("Invalid name")
	}
	s, ok := h.list.Get(lower(name))
	return webidl.Opt[webidl.Bytes]{Value: webidl.Bytes(s), Set: ok}, nil
}

// getAll is Workers' own: https://developers.cloudflare.com/workers/runtime-apis/headers/
func (h *headers) getAll(js *webidl.Realm, name string) ([]string, error) {
	if lower(name) != "set-cookie" {
		return nil, webidl.TypeError("getAll() can only be used with the header name \"Set-Cookie\".")
	}
	return h.getSetCookie(js)
}

// getSetCookie: https://fetch.spec.whatwg.org/#dom-headers-getsetcookie
func (h *headers) getSetCookie(js *webidl.Realm) ([]string, error) {
	return h.list.Values("set-cookie"), nil
}

// has: https://fetch.spec.whatwg.org/#dom-headers-has
func (h *headers) has(js *webidl.Realm, name string) (bool, error) {
	if !mimesniff.IsToken(name) {
		return false, webidl.TypeError("Invalid name")
	}
	return h.list.Has(lower(name)), nil
}

// set: https://fetch.spec.whatwg.org/#dom-headers-set
func (h *headers) set(js *webidl.Realm, name, value string) error {
	value = normalizeValue(value)
	if err := h.writable(name, value); err != nil {
		return err
	}
	h.list.Set(lower(name), value)
	return nil
}

// writable validates a change and refuses it on immutable headers.
func (h *headers) writable(name, value string) error {
	if err := validate(name, value); err != nil {
		return err
	}
	if h.guard == guardImmutable {
		return webidl.TypeError("Can't modify immutable headers.")
	}
	h.combined = nil
	return nil
}

func (h *headers) at(js *webidl.Realm, i int) (key, value goja.Value, ok bool) {
	if i == 0 || h.combined == nil {
		h.combined = h.list.SortAndCombine()
	}
	if i >= len(h.combined) {
		return nil, nil, false
	}
	return js.String(h.combined[i].Name), js.ByteString(webidl.Bytes(h.combined[i].Value)), true
}
