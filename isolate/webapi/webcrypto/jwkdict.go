package webcrypto

import (
	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// otherPrimes is sequence<RsaOtherPrimesInfo>, of which only the presence counts.
var otherPrimes = webidl.NewType("sequence<RsaOtherPrimesInfo>", func(js *webidl.Realm, v goja.Value) (bool, error) {
	_, err := webidl.Sequence(webidl.Object).Convert(js, v)
	return true, err
})

// jwkDict is the JsonWebKey dictionary.
var jwkDict = func() webidl.Type[jwk] {
	fields := []webidl.Field[jwk]{
		webidl.May("ext", webidl.Boolean, func(j *jwk) *webidl.Opt[bool] { return &j.ext }),
		webidl.May("key_ops", webidl.Sequence(webidl.DOMString), func(j *jwk) *webidl.Opt[[]string] { return &j.keyOps }),
		webidl.Has("oth", otherPrimes, func(j *jwk) *bool { return &j.oth }),
	}
	for _, m := range jwkMembers {
		fields = append(fields, webidl.May(m.name, webidl.DOMString, m.at))
	}
	return webidl.Dict("JsonWebKey", jwk{}, fields...)
}()

// object returns the dictionary as a JavaScript object.
func (j *jwk) object(js *webidl.Realm) *goja.Object {
	o := newObject(js)
	j.members(
		func(name, value string) { o.set(name, js.String(value)) },
		func(name string, values []string) { o.set(name, js.Strings(values)) },
		func(name string, value bool) { o.set(name, js.VM.ToValue(value)) })
	return o.Object
}
