package webidl

import "github.com/dop251/goja"

// ParseJSON parses UTF-8 JSON text as JSON.parse does.
func (js *Realm) ParseJSON(text string) (goja.Value, error) {
	parse, _ := goja.AssertFunction(js.intrinsics.get("JSON").Get("parse"))
	return parse(goja.Undefined(), js.String(text))
}

// StringifyJSON returns the JSON text of v as JSON.stringify makes it; ok is false for
// a value that has none, such as undefined or a function.
func (js *Realm) StringifyJSON(v goja.Value) (text string, ok bool, err error) {
	stringify, _ := goja.AssertFunction(js.intrinsics.get("JSON").Get("stringify"))
	s, err := stringify(goja.Undefined(), v)
	if err != nil || goja.IsUndefined(s) {
		return "", false, err
	}
	return s.String(), true, nil
}
