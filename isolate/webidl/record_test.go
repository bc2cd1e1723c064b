package webidl_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

func TestRecord(t *testing.T) {
	record := webidl.Record(webidl.USVString, webidl.DOMString)
	for _, c := range []struct{ name, js, want string }{
		{"order", `({b: 1, a: 2, 1: 3})`, "1=3 b=1 a=2"},
		{"getter removes a later key", `({get a() { delete this.b; return 1 }, b: 2, c: 3})`, "a=1 c=3"},
		{"hidden", `Object.defineProperty({a: 1}, "b", {value: 2})`, "a=1"},
		{"lone surrogates", `({"\uD835x": 1, "y": 2, "\uD83Dx": 3})`, "\uFFFDx=3 y=2"},
		{"symbol", `({a: 1, [Symbol("s")]: 2})`, "TypeError: Cannot convert a Symbol value to a string"},
		{"hidden symbol", `Object.defineProperty({a: 1}, Symbol("s"), {value: 2})`, "a=1"},
		{"array", `["x", "y"]`, "0=x 1=y"},
		{"getter throws", `({get a() { throw "no" }})`, "no"},
		{"getter of an array throws", `Object.defineProperty([], "a", {enumerable: true, get() { throw "no" }})`, "no"},
		{"proxy", `log = ""; new Proxy({a: 1, b: 2}, {
			ownKeys(t) { log += "keys "; return Reflect.ownKeys(t) },
			getOwnPropertyDescriptor(t, k) { log += "own " + k + " "; return Reflect.getOwnPropertyDescriptor(t, k) },
			get(t, k) { log += "get " + k + " "; return log.trim() },
		})`, "a=keys own a get a b=keys own a get a own b get b"},
		{"not an object", `5`, "TypeError: The provided value is not an object."},
	} {
		t.Run(c.name, func(t *testing.T) {
			js := newRealm()
			v, err := js.VM.RunString("var log; " + c.js)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			ex := js.VM.Try(func() {
				pairs, err := record.Convert(js, v)
				if err != nil {
					js.Throw(err)
				}
				for _, p := range pairs {
					got = append(got, fmt.Sprintf("%s=%s", p.Key, p.Value))
				}
			})
			if ex != nil {
				got = []string{ex.Value().String()}
			}
			if s := strings.Join(got, " "); s != c.want {
				t.Errorf("got %q, want %q", s, c.want)
			}
		})
	}
}
