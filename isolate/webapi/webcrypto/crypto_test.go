package webcrypto

import (
	"testing"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webapi/streams"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

func newRealm() *webidl.Realm {
	return webidl.NewRealm(goja.New(), webidl.Options{
		Globals: webidl.NewGlobals(Globals, streams.Globals, []webidl.Global{webidl.Expose(webidl.DOMException)}),
	})
}

func TestCrypto(t *testing.T) {
	for _, c := range []struct{ name, js, want string }{
		{"tag", `String(crypto)`, "[object Crypto]"},
		{"constructor", `try { new Crypto() } catch (e) { String(e) }`, "TypeError: Illegal constructor"},
		{"same array", `var a = new Uint32Array(4); crypto.getRandomValues(a) === a && a.some(x => x != 0)`, "true"},
		{"part of a buffer", `var a = new Uint8Array(64); crypto.getRandomValues(a.subarray(8, 56)); [a.slice(0, 8), a.slice(56)].every(p => p.every(x => x == 0)) && a.some(x => x != 0)`, "true"},
		{"empty", `crypto.getRandomValues(new Uint8Array(0)).length`, "0"},
		{"quota", `try { crypto.getRandomValues(new Uint8Array(65537)) } catch (e) { e.name + e.code }`, "QuotaExceededError22"},
		{"all of the quota", `crypto.getRandomValues(new BigInt64Array(8192)).length`, "8192"},
		{"floats", `try { crypto.getRandomValues(new Float64Array(1)) } catch (e) { e.name }`, "TypeMismatchError"},
		{"data view", `try { crypto.getRandomValues(new DataView(new ArrayBuffer(1))) } catch (e) { e.name }`, "TypeMismatchError"},
		{"no view", `try { crypto.getRandomValues(new ArrayBuffer(1)) } catch (e) { e.name }`, "TypeError"},
		{"uuid", `/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(crypto.randomUUID())`, "true"},
		{"uuids differ", `crypto.randomUUID() != crypto.randomUUID()`, "true"},
		{"detached", `try { var f = crypto.randomUUID; f() } catch (e) { e.name }`, "TypeError"},
	} {
		t.Run(c.name, func(t *testing.T) {
			v, err := newRealm().VM.RunString(c.js)
			if err != nil {
				t.Fatal(err)
			}
			if got := v.String(); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}
