package webcrypto

import (
	"testing"

	"github.com/dop251/goja"
)

// bench runs the body of an async function b.N times in one realm.
func bench(b *testing.B, setup, body string) {
	js := newRealm()
	if _, err := js.VM.RunString(prelude + setup); err != nil {
		b.Fatal(err)
	}
	v, err := js.VM.RunString(`(async function () {` + body + `})`)
	if err != nil {
		b.Fatal(err)
	}
	f, _ := goja.AssertFunction(v)
	b.ReportAllocs()
	b.ResetTimer()
	for b.Loop() {
		p, err := f(goja.Undefined())
		if err != nil {
			b.Fatal(err)
		}
		if promise := p.Export().(*goja.Promise); promise.State() != goja.PromiseStateFulfilled {
			b.Fatal(promise.Result())
		}
	}
}

func BenchmarkDigest1KB(b *testing.B) {
	bench(b, `var data = zeros(1024)`, `await subtle.digest("SHA-256", data)`)
}

func BenchmarkDigest1MB(b *testing.B) {
	b.SetBytes(1 << 20)
	bench(b, `var data = zeros(1 << 20)`, `await subtle.digest("SHA-256", data)`)
}

func BenchmarkImportHMAC(b *testing.B) {
	bench(b, `var secret = zeros(32), alg = {name: "HMAC", hash: "SHA-256"}, use = ["verify"]`, `await subtle.importKey("raw", secret, alg, false, use)`)
}

func BenchmarkVerifyHMAC(b *testing.B) {
	bench(b, `var key, sig, data = zeros(200); hs256().then(async k => { key = k; sig = await subtle.sign("HMAC", k, data) })`, `await subtle.verify("HMAC", key, sig, data)`)
}

// BenchmarkVerifyHS256 is what a JWT library does for each request.
func BenchmarkVerifyHS256(b *testing.B) {
	bench(b, `var secret = zeros(32), sig, data = zeros(200); hs256(0, secret).then(async k => { sig = await subtle.sign("HMAC", k, data) })`,
		`var key = await subtle.importKey("raw", secret, {name: "HMAC", hash: "SHA-256"}, false, ["sign", "verify"]);
		if (!await subtle.verify("HMAC", key, sig, data)) throw 1`)
}

func BenchmarkVerifyES256(b *testing.B) {
	bench(b, `var key, sig, data = zeros(200), alg = {name: "ECDSA", hash: "SHA-256"};
		subtle.generateKey({name: "ECDSA", namedCurve: "P-256"}, true, ["sign", "verify"]).then(async k => { key = k.publicKey; sig = await subtle.sign(alg, k.privateKey, data) })`,
		`await subtle.verify(alg, key, sig, data)`)
}

func BenchmarkEncryptGCM1KB(b *testing.B) {
	bench(b, `var key, data = zeros(1024), alg = {name: "AES-GCM", iv: zeros(12)}; aes("AES-GCM").then(k => { key = k })`, `await subtle.encrypt(alg, key, data)`)
}

func BenchmarkRandomUUID(b *testing.B) { bench(b, ``, `crypto.randomUUID()`) }

func BenchmarkNothing(b *testing.B) { bench(b, ``, `await 1`) }
