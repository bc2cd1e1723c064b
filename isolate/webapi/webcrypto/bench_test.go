package webcrypto

import (
	"testing"

	"github.com/dop251/goja"
)

// bench runs an operation b.N times in one realm. What it costs to await a promise is
// the engine's.
func bench(b *testing.B, setup, operation string) {
	js := newRealm()
	if _, err := js.VM.RunString(prelude + setup); err != nil {
		b.Fatal(err)
	}
	v, err := js.VM.RunString(`(function (n) { var p; for (var i = 0; i < n; i++) p = ` + operation + `; return p })`)
	if err != nil {
		b.Fatal(err)
	}
	f, _ := goja.AssertFunction(v)
	b.ReportAllocs()
	b.ResetTimer()
	p, err := f(goja.Undefined(), js.VM.ToValue(b.N))
	if err != nil {
		b.Fatal(err)
	}
	js.Drain()
	if promise, ok := p.Export().(*goja.Promise); ok && promise.State() != goja.PromiseStateFulfilled {
		b.Fatal(promise.Result())
	}
}

func BenchmarkDigest1KB(b *testing.B) {
	bench(b, `var data = zeros(1024)`, `subtle.digest("SHA-256", data)`)
}

func BenchmarkDigest1MB(b *testing.B) {
	b.SetBytes(1 << 20)
	bench(b, `var data = zeros(1 << 20)`, `subtle.digest("SHA-256", data)`)
}

func BenchmarkImportHMAC(b *testing.B) {
	bench(b, `var secret = zeros(32), alg = {name: "HMAC", hash: "SHA-256"}, use = ["verify"]`, `subtle.importKey("raw", secret, alg, false, use)`)
}

func BenchmarkImportJWK(b *testing.B) {
	bench(b, `var key = `+ecJWK+`, alg = {name: "ECDSA", namedCurve: "P-256"}, use = ["verify"]; delete key.d`, `subtle.importKey("jwk", key, alg, false, use)`)
}

func BenchmarkVerifyHMAC(b *testing.B) {
	bench(b, `var key, sig, data = zeros(200); hs256().then(async k => { key = k; sig = await subtle.sign("HMAC", k, data) })`, `subtle.verify("HMAC", key, sig, data)`)
}

func BenchmarkVerifyES256(b *testing.B) {
	bench(b, `var key, sig, data = zeros(200), alg = {name: "ECDSA", hash: "SHA-256"};
		subtle.generateKey({name: "ECDSA", namedCurve: "P-256"}, true, ["sign", "verify"]).then(async k => { key = k.publicKey; sig = await subtle.sign(alg, k.privateKey, data) })`,
		`subtle.verify(alg, key, sig, data)`)
}

func BenchmarkVerifyRS256(b *testing.B) {
	bench(b, `var key, sig, data = zeros(200), alg = {name: "RSASSA-PKCS1-v1_5", hash: "SHA-256"}, source = `+rsaJWK+`;
		jwk(source, alg, ["sign"]).then(async k => { sig = await subtle.sign(alg, k, data); delete source.d; key = await jwk(source, alg, ["verify"]) })`,
		`subtle.verify(alg, key, sig, data)`)
}

func BenchmarkEncryptGCM1KB(b *testing.B) {
	bench(b, `var key, data = zeros(1024), alg = {name: "AES-GCM", iv: zeros(12)}; aes("AES-GCM").then(k => { key = k })`, `subtle.encrypt(alg, key, data)`)
}

func BenchmarkRandomUUID(b *testing.B) { bench(b, ``, `crypto.randomUUID()`) }

func BenchmarkGetRandomValues(b *testing.B) {
	bench(b, `var a = zeros(16)`, `crypto.getRandomValues(a)`)
}

// BenchmarkAwaitedHS256 is what a JWT library does for each request, awaits and all.
func BenchmarkAwaitedHS256(b *testing.B) {
	bench(b, `var secret = zeros(32), sig, data = zeros(200); hs256(0, secret).then(async k => { sig = await subtle.sign("HMAC", k, data) });
		async function check() {
			var key = await subtle.importKey("raw", secret, {name: "HMAC", hash: "SHA-256"}, false, ["sign", "verify"]);
			if (!await subtle.verify("HMAC", key, sig, data)) throw 1
		}; var last = Promise.resolve()`, `last = last.then(check)`)
}
