package webcrypto

import (
	"errors"
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

func TestCloneCryptoKey(t *testing.T) {
	js := newRealm()
	if _, err := js.VM.RunString(prelude + `var k, s; hs256(["sign"]).then(async x => { k = x; s = hex(await subtle.sign("HMAC", k, utf8("data"))) })`); err != nil {
		t.Fatal(err)
	}
	k, ok := webidl.As[*CryptoKey](js.VM.Get("k"))
	if !ok {
		t.Fatal("no key")
	}
	js.VM.Set("c", CryptoKeyClass.Wrap(js, k.Clone(js)))
	v, err := js.VM.RunString(`var same; subtle.sign("HMAC", c, utf8("data")).then(x => { same = hex(x) == s }); c !== k && c.usages !== k.usages && c.algorithm.name + c.usages + c.extractable`)
	if err != nil {
		t.Fatal(err)
	}
	if got := v.String() + js.VM.Get("same").String(); got != "HMACsigntruetrue" {
		t.Errorf("got %s", got)
	}
}

// TestLongWorkEnds would take weeks if a limit could not end it.
func TestLongWorkEnds(t *testing.T) {
	js := newRealm()
	if _, err := js.VM.RunString(prelude + `var k; subtle.importKey("raw", utf8("p"), "PBKDF2", false, ["deriveBits"]).then(x => { k = x })`); err != nil {
		t.Fatal(err)
	}
	js.VM.Set("algorithm", js.VM.NewDynamicObject(interrupting{js}))
	_, err := js.VM.RunString(`subtle.deriveBits(algorithm, k, 1 << 23)`)
	var interrupted *goja.InterruptedError
	if !errors.As(err, &interrupted) {
		t.Errorf("ended with %v", err)
	}
}

// interrupting are the parameters of a derivation. Reading them is over the limit, which
// no script is there to notice.
type interrupting struct{ js *webidl.Realm }

func (i interrupting) Get(name string) goja.Value {
	switch name {
	case "name":
		return i.js.String("PBKDF2")
	case "hash":
		return i.js.String("SHA-512")
	case "iterations":
		return i.js.VM.ToValue(maxIterations)
	}
	i.js.VM.Interrupt("limit")
	return i.js.Uint8Array(nil)
}

func (interrupting) Set(string, goja.Value) bool { return false }
func (interrupting) Has(string) bool             { return true }
func (interrupting) Delete(string) bool          { return false }
func (interrupting) Keys() []string              { return nil }
