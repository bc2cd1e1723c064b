package webcrypto

import (
	"testing"
)

// prelude are the functions that the scripts of the tests use.
const prelude = `
	var utf8 = s => new Uint8Array([...unescape(encodeURIComponent(s))].map(c => c.charCodeAt(0)));
	var hex = b => [...new Uint8Array(b)].map(x => x.toString(16).padStart(2, "0")).join("");
	var unhex = s => new Uint8Array(s.match(/../g).map(x => parseInt(x, 16)));
	var subtle = crypto.subtle;
	var zeros = n => new Uint8Array(n);
	var aes = (name, ...u) => subtle.importKey("raw", zeros(16), name, true, u.length ? u : ["encrypt", "decrypt"]);
	var hs256 = (u, k) => subtle.importKey("raw", k || utf8("secret"), {name: "HMAC", hash: "SHA-256"}, true, u || ["sign", "verify"]);
	var jwk = (o, a, u, x) => subtle.importKey("jwk", o, a, x !== false, u);`

// eval runs the body of an async function and returns what it returns or throws.
func eval(t testing.TB, body string) string {
	t.Helper()
	js := newRealm()
	_, err := js.VM.RunString(prelude + `
		var out = "pending";
		(async () => {` + body + `})().then(v => { out = String(v) }, e => { out = String(e) })`)
	if err != nil {
		t.Fatal(err)
	}
	return js.VM.Get("out").String()
}

type scriptCase struct{ name, js, want string }

func runCases(t *testing.T, cases []scriptCase) {
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := eval(t, c.js); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

const failed = "NotSupportedError: Failed to execute '"

func TestSubtleCrypto(t *testing.T) {
	runCases(t, []scriptCase{
		{"same object", `return crypto.subtle === crypto.subtle && crypto.subtle instanceof SubtleCrypto`, "true"},
		{"sha-256", `return hex(await subtle.digest("sha-256", utf8("abc")))`, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
		{"md5", `return hex(await subtle.digest({name: "MD5"}, utf8("abc")))`, "900150983cd24fb0d6963f7d28e17f72"},
		{"no digest", `return subtle.digest("SHA-257", utf8("abc"))`, failed + "digest' on 'SubtleCrypto': Algorithm: Unrecognized name"},
		{"no name", `return subtle.digest({}, utf8("abc"))`, "TypeError: Failed to execute 'digest' on 'SubtleCrypto': Algorithm: name: Missing or not a string"},
		{"other letters", `return subtle.digest("ſHA-1", utf8("abc"))`, failed + "digest' on 'SubtleCrypto': Algorithm: Unrecognized name"},
		{"rejects, not throws", `var p = subtle.digest(); return p.catch(e => e.message)`, "Failed to execute 'digest' on 'SubtleCrypto': 2 arguments required, but only 0 present."},
		{"detached receiver", `var f = subtle.digest; return f("SHA-1", utf8("")).catch(e => e.name)`, "TypeError"},
		{"getter changes the data", `var d = utf8("abc"); return hex(await subtle.digest({get name() { d[0] = 120; return "SHA-1" }}, d)) == hex(await subtle.digest("SHA-1", utf8("xbc")))`, "true"},
		{"getter throws", `return subtle.digest({get name() { throw 7 }}, utf8(""))`, "7"},

		{"hmac", `return hex(await subtle.sign("HMAC", await hs256(), utf8("data")))`, "1b2c16b75bd2a870c114153ccda5bcfca63314bc722fa160d690de133ccbb9db"},
		{"hmac twice", `var k = await hs256(), s = await subtle.sign("HMAC", k, utf8("data")); return await subtle.verify("HMAC", k, s, utf8("data")) + "," + await subtle.verify("HMAC", k, s, utf8("date")) + "," + await subtle.verify("HMAC", k, s.slice(1), utf8("data"))`, "true,false,false"},
		{"usage", `return subtle.verify("HMAC", await hs256(["sign"]), zeros(32), zeros(1))`, "InvalidAccessError: Failed to execute 'verify' on 'SubtleCrypto': key.usages does not permit this operation"},
		{"other algorithm", `return subtle.sign("Ed25519", await hs256(), zeros(1))`, "InvalidAccessError: Failed to execute 'sign' on 'SubtleCrypto': key.algorithm does not match that of operation"},
		{"unsupported operation", `return subtle.encrypt("HMAC", await hs256(), zeros(1))`, failed + "encrypt' on 'SubtleCrypto': Algorithm: HMAC does not support this operation"},
		{"no key", `return subtle.sign("HMAC", {}, zeros(1)).catch(e => e.name)`, "TypeError"},
		{"empty hmac key", `return hs256(0, zeros(0)).catch(e => e.name)`, "DataError"},
		{"hmac md5", `return subtle.importKey("raw", zeros(8), {name: "HMAC", hash: "MD5"}, true, ["sign"]).catch(e => e.name)`, "NotSupportedError"},
		{"hmac bits", `var k = await subtle.importKey("raw", utf8("zz"), {name: "HMAC", hash: "SHA-1", length: 12}, true, ["sign"]); return k.algorithm.length + hex(await subtle.exportKey("raw", k))`, "127a70"},
		{"hmac too short", `return subtle.importKey("raw", utf8("zz"), {name: "HMAC", hash: "SHA-1", length: 8}, true, ["sign"]).catch(e => e.name)`, "DataError"},
		{"hmac generated", `var k = await subtle.generateKey({name: "HMAC", hash: "SHA-512"}, true, ["sign"]); return JSON.stringify(k.algorithm) + k.usages`, `{"name":"HMAC","hash":{"name":"SHA-512"},"length":1024}sign`},
		{"hmac huge", `return subtle.generateKey({name: "HMAC", hash: "SHA-512", length: 4294967295}, true, ["sign"]).catch(e => e.name)`, "OperationError"},

		{"no usages", `return hs256([]).catch(e => e.name + e.code)`, "SyntaxError12"},
		{"wrong usages", `return hs256(["encrypt"]).catch(e => e.name)`, "SyntaxError"},
		{"no usage", `return hs256(["eat"]).catch(e => e.name)`, "TypeError"},
		{"no format", `return subtle.importKey("der", zeros(1), "PBKDF2", false, ["deriveBits"]).catch(e => e.name)`, "TypeError"},
		{"unsupported format", `return subtle.importKey("spki", zeros(1), "PBKDF2", false, ["deriveBits"]).catch(e => e.name)`, "NotSupportedError"},
		{"jwk of bytes", `return subtle.importKey("jwk", zeros(1), "AES-GCM", false, ["encrypt"]).catch(e => e.name)`, "TypeError"},
		{"raw of an object", `return subtle.importKey("raw", {}, "AES-GCM", false, ["encrypt"]).catch(e => e.name)`, "TypeError"},
		{"der of any length", `var a = {name: "RSA-PSS", hash: "SHA-1"}, n = []; for (var f of ["spki", "pkcs8"]) n.push(await subtle.importKey(f, zeros(1 << 20), a, true, []).catch(e => e.name)); return n`, "DataError,DataError"},
		{"extractable PBKDF2", `return subtle.importKey("raw", zeros(1), "PBKDF2", true, ["deriveBits"]).catch(e => e.name)`, "SyntaxError"},
		{"export PBKDF2", `return subtle.exportKey("raw", await subtle.importKey("raw", zeros(1), "PBKDF2", false, ["deriveBits"])).catch(e => e.name)`, "NotSupportedError"},
		{"not extractable", `return subtle.exportKey("raw", await subtle.importKey("raw", zeros(16), "AES-GCM", false, ["encrypt"]))`, "InvalidAccessError: Failed to execute 'exportKey' on 'SubtleCrypto': key is not extractable"},

		{"timing safe", `return [subtle.timingSafeEqual(utf8("ab"), utf8("ab")), subtle.timingSafeEqual(utf8("ab"), utf8("ac").buffer)]`, "true,false"},
		{"timing safe of other lengths", `return subtle.timingSafeEqual(utf8("ab"), utf8("a"))`, "TypeError: Failed to execute 'timingSafeEqual' on 'SubtleCrypto': Input buffers must have the same byte length."},
	})
}

func TestCryptoKey(t *testing.T) {
	runCases(t, []scriptCase{
		{"class", `var k = await hs256(); return k + (k.constructor === CryptoKey) + k.type + k.extractable`, "[object CryptoKey]truesecrettrue"},
		{"no constructor", `return new CryptoKey()`, "TypeError: Illegal constructor"},
		{"algorithm", `var k = await hs256(); return JSON.stringify(k.algorithm) + (k.algorithm === k.algorithm)`, `{"name":"HMAC","hash":{"name":"SHA-256"},"length":48}true`},
		{"polluted prototype", `Object.defineProperty(Object.prototype, "name", {set() { throw 1 }, configurable: true}); return (await hs256()).algorithm.name`, "HMAC"},
		{"usages", `var k = await hs256(["verify", "sign", "verify"]); return k.usages + (k.usages === k.usages)`, "sign,verifytrue"},
		{"read only", `"use strict"; var k = await hs256(); k.type = 1`, "TypeError: Cannot assign to read only property 'type'"},
		{"aes", `return JSON.stringify((await aes("aes-gcm")).algorithm)`, `{"name":"AES-GCM","length":128}`},
		{"ec", `var p = await subtle.generateKey({name: "ECDSA", namedCurve: "P-384"}, false, ["sign", "verify"]);
			return [Object.keys(p), p.publicKey.extractable, p.privateKey.extractable, p.publicKey.usages, p.privateKey.usages, JSON.stringify(p.publicKey.algorithm)].join("|")`,
			`privateKey,publicKey|true|false|verify|sign|{"name":"ECDSA","namedCurve":"P-384"}`},
		{"rsa", `var p = await subtle.generateKey({name: "RSA-PSS", modulusLength: 1024, publicExponent: new Uint8Array([3]), hash: "SHA-1"}, false, ["sign"]);
			var a = p.privateKey.algorithm; return [Object.keys(a), a.modulusLength, a.publicExponent, a.hash.name, p.publicKey.usages.length].join("|")`, "name,modulusLength,publicExponent,hash|1024|3|SHA-1|0"},
		{"ed25519", `var p = await subtle.generateKey("ed25519", true, ["sign", "verify"]); return JSON.stringify(p.privateKey.algorithm)`, `{"name":"Ed25519"}`},
	})
}

func TestCiphers(t *testing.T) {
	runCases(t, []scriptCase{
		// https://csrc.nist.gov/projects/cryptographic-algorithm-validation-program GCM, test cases 2 and 4 of the GCM specification
		{"gcm", `return hex(await subtle.encrypt({name: "AES-GCM", iv: zeros(12)}, await aes("AES-GCM"), zeros(16)))`, "0388dace60b6a392f328c2b971b2fe78ab6e47d42cec13bdf53a67b21257bddf"},
		{"gcm short tag", `var p = {name: "AES-GCM", iv: zeros(12), tagLength: 32}; return hex(await subtle.encrypt(p, await aes("AES-GCM"), zeros(16)))`, "0388dace60b6a392f328c2b971b2fe78ab6e47d4"},
		{"gcm round trip", `var k = await aes("AES-GCM"), out = [];
			for (var tagLength of [32, 64, 96, 104, 112, 120, 128]) for (var n of [1, 8, 12, 16, 60]) {
				var p = {name: "AES-GCM", iv: zeros(n).fill(n), tagLength, additionalData: utf8("aad")};
				var c = await subtle.encrypt(p, k, utf8("some plain text")), d = await subtle.decrypt(p, k, c);
				new Uint8Array(c)[3] ^= 1;
				out.push(hex(d) == hex(utf8("some plain text")) && c.byteLength == 15 + tagLength / 8 && await subtle.decrypt(p, k, c).catch(e => e.name))
			} return [...new Set(out)]`, "OperationError"},
		{"gcm tag length", `return subtle.encrypt({name: "AES-GCM", iv: zeros(12), tagLength: 33}, await aes("AES-GCM"), zeros(1)).catch(e => e.name)`, "OperationError"},
		{"gcm no iv", `return subtle.encrypt({name: "AES-GCM"}, await aes("AES-GCM"), zeros(1))`, "TypeError: Failed to execute 'encrypt' on 'SubtleCrypto': Failed to read the 'iv' property from 'AesGcmParams': Required member is undefined."},
		{"gcm empty iv", `return subtle.encrypt({name: "AES-GCM", iv: zeros(0)}, await aes("AES-GCM"), zeros(1)).catch(e => e.name)`, "OperationError"},
		{"gcm too short", `return subtle.decrypt({name: "AES-GCM", iv: zeros(1)}, await aes("AES-GCM"), zeros(15)).catch(e => e.name)`, "OperationError"},
		{"cbc", `var k = await aes("AES-CBC"), p = {name: "AES-CBC", iv: zeros(16)}, c = await subtle.encrypt(p, k, utf8("0123456789abcdef")); return c.byteLength + hex(await subtle.decrypt(p, k, c))`, "3230313233343536373839616263646566"},
		{"cbc padding", `return subtle.decrypt({name: "AES-CBC", iv: zeros(16)}, await aes("AES-CBC"), zeros(16)).catch(e => e.name)`, "OperationError"},
		{"cbc iv", `return subtle.encrypt({name: "AES-CBC", iv: zeros(15)}, await aes("AES-CBC"), zeros(16)).catch(e => e.name)`, "OperationError"},
		{"ctr counter length", `return subtle.encrypt({name: "AES-CTR", counter: zeros(16), length: 129}, await aes("AES-CTR"), zeros(16)).catch(e => e.name)`, "OperationError"},
		{"ctr overrun", `return subtle.encrypt({name: "AES-CTR", counter: zeros(16), length: 1}, await aes("AES-CTR"), zeros(33)).catch(e => e.name)`, "OperationError"},
		{"oaep", `var p = await subtle.generateKey({name: "RSA-OAEP", modulusLength: 1024, publicExponent: new Uint8Array([1, 0, 1]), hash: "SHA-256"}, false, ["encrypt", "decrypt"]);
			var a = {name: "RSA-OAEP", label: utf8("l")}, c = await subtle.encrypt(a, p.publicKey, utf8("hi"));
			return hex(await subtle.decrypt(a, p.privateKey, c)) + await subtle.decrypt("RSA-OAEP", p.privateKey, c).catch(e => e.name)`, "6869OperationError"},
		{"oaep with the wrong key", `var p = await subtle.generateKey({name: "RSA-OAEP", modulusLength: 1024, publicExponent: new Uint8Array([1, 0, 1]), hash: "SHA-256"}, false, ["decrypt"]);
			return subtle.encrypt("RSA-OAEP", p.privateKey, utf8("hi")).catch(e => e.name)`, "InvalidAccessError"},
	})
}

func TestWrap(t *testing.T) {
	runCases(t, []scriptCase{
		{"jwk by gcm", `var k = await aes("AES-GCM", "wrapKey", "unwrapKey", "decrypt"), a = {name: "AES-GCM", iv: zeros(12)};
			var w = await subtle.wrapKey("jwk", await hs256(["sign"], utf8("k")), k, a);
			return String.fromCharCode(...new Uint8Array(await subtle.decrypt(a, k, w)))`, `{"alg":"HS256","ext":true,"k":"aw","key_ops":["sign"],"kty":"oct"}`},
		{"jwk and back", `var k = await aes("AES-GCM", "wrapKey", "unwrapKey"), a = {name: "AES-GCM", iv: zeros(12)};
			var w = await subtle.wrapKey("jwk", await hs256(), k, a);
			var h = await subtle.unwrapKey("jwk", w, k, a, {name: "HMAC", hash: "SHA-256"}, false, ["verify"]); return h.usages + h.extractable + h.algorithm.length`, "verifyfalse48"},
		{"no json", `var k = await aes("AES-GCM", "encrypt", "unwrapKey"), a = {name: "AES-GCM", iv: zeros(12)};
			return subtle.unwrapKey("jwk", await subtle.encrypt(a, k, utf8("{")), k, a, "AES-GCM", false, ["encrypt"]).catch(e => e.name)`, "DataError"},
		{"kw", `var k = await aes("AES-KW", "wrapKey", "unwrapKey"), w = await subtle.wrapKey("raw", await aes("AES-CBC"), k, "AES-KW"), b = new Uint8Array(w);
			var u = await subtle.unwrapKey("raw", w, k, "AES-KW", "AES-CBC", true, ["encrypt"]); b[0] ^= 1;
			return b.length + hex(await subtle.exportKey("raw", u)) + await subtle.unwrapKey("raw", b, k, "AES-KW", "AES-CBC", true, ["encrypt"]).catch(e => e.name)`, "2400000000000000000000000000000000OperationError"},
		{"kw of the wrong length", `return subtle.wrapKey("raw", await hs256(), await aes("AES-KW", "wrapKey"), "AES-KW").catch(e => e.name)`, "OperationError"},
		{"kw encrypts nothing", `return aes("AES-KW", "encrypt").catch(e => e.name)`, "SyntaxError"},
	})
}

func TestDerive(t *testing.T) {
	runCases(t, []scriptCase{
		// https://www.rfc-editor.org/rfc/rfc6070
		{"pbkdf2", `var k = await subtle.importKey("raw", utf8("password"), "PBKDF2", false, ["deriveBits"]);
			return hex(await subtle.deriveBits({name: "PBKDF2", hash: "SHA-1", salt: utf8("salt"), iterations: 4096}, k, 160))`, "4b007901b765489abead49d926f721d065a429c1"},
		{"pbkdf2 of nothing", `var k = await subtle.importKey("raw", zeros(0), "PBKDF2", false, ["deriveBits"]), a = {name: "PBKDF2", hash: "SHA-1", salt: zeros(1), iterations: 1};
			return (await subtle.deriveBits(a, k, 0)).byteLength + await subtle.deriveBits(a, k).catch(e => e.name) + await subtle.deriveBits(a, k, 9).catch(e => e.name)`, "0OperationErrorOperationError"},
		{"pbkdf2 limit", `var k = await subtle.importKey("raw", utf8("password"), "PBKDF2", false, ["deriveBits"]);
			return subtle.deriveBits({name: "PBKDF2", hash: "SHA-1", salt: utf8("salt"), iterations: 100001}, k, 160)`, failed + "deriveBits' on 'SubtleCrypto': Pbkdf2 failed: iteration counts above 100000 are not supported (requested 100001)."},
		// https://www.rfc-editor.org/rfc/rfc5869#appendix-A.1
		{"hkdf", `var k = await subtle.importKey("raw", unhex("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b"), "HKDF", false, ["deriveBits", "deriveKey"]);
			var a = {name: "HKDF", hash: "SHA-256", salt: unhex("000102030405060708090a0b0c"), info: unhex("f0f1f2f3f4f5f6f7f8f9")};
			return hex(await subtle.deriveBits(a, k, 336)) + await subtle.deriveBits(a, k, 255 * 256 + 8).catch(e => e.name)`,
			"3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865OperationError"},
		{"key of hkdf", `var k = await subtle.importKey("raw", zeros(4), "HKDF", false, ["deriveKey"]);
			var d = await subtle.deriveKey({name: "HKDF", hash: "SHA-256", salt: zeros(0), info: zeros(0)}, k, {name: "AES-GCM", length: 256}, false, ["encrypt"]); return d.algorithm.length + d.type`, "256secret"},
		// https://www.rfc-editor.org/rfc/rfc7748#section-6.1
		{"x25519", `var a = await jwk({kty: "OKP", crv: "X25519", d: "dwdtCnMYpX08FsFyUbJmRd9ML4frwJkqsXf7pR25LCo", x: "hSDwCYkwp1R0i33ctD73Wg2_Og0mOBr066SpjqqbTmo"}, "X25519", ["deriveBits"]);
			var b = await subtle.importKey("raw", unhex("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f"), "X25519", true, []);
			return hex(await subtle.deriveBits({name: "X25519", public: b}, a)) + hex(await subtle.deriveBits({name: "X25519", public: b}, a, 11))`,
			"4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e1617424a40"},
		{"x25519 of zero", `var p = await subtle.generateKey("X25519", false, ["deriveBits"]);
			return subtle.deriveBits({name: "X25519", public: await subtle.importKey("raw", zeros(32), "X25519", true, [])}, p.privateKey, 256).catch(e => e.name)`, "OperationError"},
		{"ecdh", `var a = await subtle.generateKey({name: "ECDH", namedCurve: "P-521"}, true, ["deriveKey", "deriveBits"]), b = await subtle.generateKey({name: "ECDH", namedCurve: "P-521"}, true, ["deriveBits"]);
			return hex(await subtle.deriveBits({name: "ECDH", public: b.publicKey}, a.privateKey, 528)) == hex(await subtle.deriveBits({name: "ECDH", public: a.publicKey}, b.privateKey, 528)) &&
				(await subtle.deriveKey({name: "ECDH", public: b.publicKey}, a.privateKey, "HKDF", false, ["deriveBits"])).algorithm.name`, "HKDF"},
		{"ecdh without a key", `var a = await subtle.generateKey({name: "ECDH", namedCurve: "P-256"}, true, ["deriveBits"]); return subtle.deriveBits({name: "ECDH", public: {}}, a.privateKey, 8).catch(e => e.name)`, "TypeError"},
	})
}

func TestDigestStream(t *testing.T) {
	runCases(t, []scriptCase{
		{"digest", `var s = new crypto.DigestStream("SHA-256"), w = s.getWriter(); await w.write(utf8("a")); await w.write("b"); await w.write(utf8("c").buffer); await w.close();
			return hex(await s.digest) + s.bytesWritten + typeof s.bytesWritten`, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad3bigint"},
		{"class", `var s = new crypto.DigestStream({name: "md5"}); return s + (s instanceof WritableStream) + (s instanceof crypto.DigestStream) + s.locked`, "[object DigestStream]truetruefalse"},
		{"piped", `var s = new crypto.DigestStream("SHA-1"); await new ReadableStream({start(c) { c.enqueue(utf8("abc")); c.close() }}).pipeTo(s); return hex(await s.digest)`, "a9993e364706816aba3e25717850c26c9cd0d89d"},
		{"aborted", `var s = new crypto.DigestStream("SHA-1"); await s.abort(5); return s.digest.catch(e => e)`, "5"},
		{"no bytes", `var s = new crypto.DigestStream("SHA-1"), w = s.getWriter(); return [await w.write(1).catch(e => e.name), await s.digest.catch(e => e.name)]`, "TypeError,TypeError"},
		{"no algorithm", `return new crypto.DigestStream("SHA-2")`, "NotSupportedError: Failed to construct 'DigestStream': Algorithm: Unrecognized name"},
		{"other stream", `return Object.getOwnPropertyDescriptor(crypto.DigestStream.prototype, "bytesWritten").get.call(new WritableStream())`, "TypeError: Illegal invocation"},
	})
}
