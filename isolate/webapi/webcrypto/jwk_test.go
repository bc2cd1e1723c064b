package webcrypto

import (
	"encoding/json"
	"testing"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// rfc7515Keys are keys of https://www.rfc-editor.org/rfc/rfc7515#appendix-A.2 to A.3 and
// https://www.rfc-editor.org/rfc/rfc8037#appendix-A.1
const (
	rsaJWK = `{"kty":"RSA",
		"n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ",
		"e":"AQAB",
		"d":"Eq5xpGnNCivDflJsRQBXHx1hdR1k6Ulwe2JZD50LpXyWPEAeP88vLNO97IjlA7_GQ5sLKMgvfTeXZx9SE-7YwVol2NXOoAJe46sui395IW_GO-pWJ1O0BkTGoVEn2bKVRUCgu-GjBVaYLU6f3l9kJfFNS3E0QbVdxzubSu3Mkqzjkn439X0M_V51gfpRLI9JYanrC4D4qAdGcopV_0ZHHzQlBjudU2QvXt4ehNYTCBr6XCLQUShb1juUO1ZdiYoFaFQT5Tw8bGUl_x_jTj3ccPDVZFD9pIuhLhBOneufuBiB4cS98l2SR_RQyGWSeWjnczT0QU91p1DhOVRuOopznQ",
		"p":"4BzEEOtIpmVdVEZNCqS7baC4crd0pqnRH_5IB3jw3bcxGn6QLvnEtfdUdiYrqBdss1l58BQ3KhooKeQTa9AB0Hw_Py5PJdTJNPY8cQn7ouZ2KKDcmnPGBY5t7yLc1QlQ5xHdwW1VhvKn-nXqhJTBgIPgtldC-KDV5z-y2XDwGUc",
		"q":"uQPEfgmVtjL0Uyyx88GZFF1fOunH3-7cepKmtH4pxhtCoHqpWmT8YAmZxaewHgHAjLYsp1ZSe7zFYHj7C6ul7TjeLQeZD_YwD66t62wDmpe_HlB-TnBA-njbglfIsRLtXlnDzQkv5dTltRJ11BKBBypeeF6689rjcJIDEz9RWdc",
		"dp":"BwKfV3Akq5_MFZDFZCnW-wzl-CCo83WoZvnLQwCTeDv8uzluRSnm71I3QCLdhrqE2e9YkxvuxdBfpT_PI7Yz-FOKnu1R6HsJeDCjn12Sk3vmAktV2zb34MCdy7cpdTh_YVr7tss2u6vneTwrA86rZtu5Mbr1C1XsmvkxHQAdYo0",
		"dq":"h_96-mK1R_7glhsum81dZxjTnYynPbZpHziZjeeHcXYsXaaMwkOlODsWa7I9xXDoRwbKgB719rrmI2oKr6N3Do9U0ajaHF-NKJnwgjMd2w9cjz3_-kyNlxAr2v4IKhGNpmM5iIgOS1VZnOZ68m6_pbLBSp3nssTdlqvd0tIiTHU",
		"qi":"IYd7DHOhrWvxkwPQsRM2tOgrjbcrfvtQJipd-DlcxyVuuM9sQLdgjVk2oy26F0EmpScGLq2MowX7fhd_QJQ3ydy5cY7YIBi87w93IKLEdfnbJtoOPLUW0ITrJReOgo1cq9SbsxYawBgfp_gh6A5603k2-ZQwVK0JKSHuLFkuQ3U"}`
	ecJWK = `{"kty":"EC","crv":"P-256",
		"x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
		"y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
		"d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"}`
	okpJWK = `{"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}`
	octJWK = `{"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow","alg":"HS256"}`
)

// readJWK reads JSON text as the dictionary, for tests.
func readJWK(text []byte) (*jwk, bool) {
	var o map[string]any
	if json.Unmarshal(text, &o) != nil {
		return nil, false
	}
	j := &jwk{}
	for _, m := range jwkMembers {
		if s, ok := o[m.name].(string); ok {
			*m.at(j) = webidl.Some(s)
		}
	}
	if ext, ok := o["ext"].(bool); ok {
		j.ext = webidl.Some(ext)
	}
	if list, ok := o["key_ops"].([]any); ok {
		ops := []string{}
		for _, v := range list {
			s, _ := v.(string)
			ops = append(ops, s)
		}
		j.keyOps = webidl.Some(ops)
	}
	_, j.oth = o["oth"]
	return j, true
}

// TestJWS signs and verifies by the examples of RFC 7515 and RFC 8037.
func TestJWS(t *testing.T) {
	const payload = `.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ`
	for _, c := range []struct {
		name, key, input, signature string
		p                           params
		u                           usages
		repeatable                  bool
	}{
		{"HS256", octJWK, "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9" + payload, "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
			params{mechanism: hmacMechanism, hash: hashFunctions[0]}, useSign, true},
		{"RS256", rsaJWK, "eyJhbGciOiJSUzI1NiJ9" + payload, "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw",
			params{mechanism: rsassa, hash: hashFunctions[0]}, useSign, true},
		{"ES256", ecJWK, "eyJhbGciOiJFUzI1NiJ9" + payload, "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q",
			params{mechanism: ecdsaMechanism, hash: hashFunctions[0], namedCurve: "P-256"}, useSign, false},
		{"EdDSA", okpJWK, "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc", "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg",
			params{mechanism: ed25519Mechanism}, useSign, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			j, _ := readJWK([]byte(c.key))
			private, err := c.p.mechanism.importKey(&c.p, keyData{format: inJWK, jwk: j}, true, c.u)
			if err != nil {
				t.Fatal(err)
			}
			if c.p.mechanism != hmacMechanism {
				j.d = text{}
			}
			public, err := c.p.mechanism.importKey(&c.p, keyData{format: inJWK, jwk: j}, true, useVerify)
			if err != nil {
				t.Fatal(err)
			}
			want, err := j.bytes("signature", webidl.Some(c.signature))
			if err != nil {
				t.Fatal(err)
			}
			signature, err := c.p.mechanism.sign(&c.p, private, []byte(c.input))
			if err != nil {
				t.Fatal(err)
			}
			if c.repeatable && string(signature) != string(want) {
				t.Errorf("got %x, want %x", signature, want)
			}
			for _, s := range [][]byte{signature, want} {
				if ok, err := c.p.mechanism.verify(&c.p, public, s, []byte(c.input)); !ok || err != nil {
					t.Errorf("not verified: %v", err)
				}
				s[len(s)/2]++
				if ok, err := c.p.mechanism.verify(&c.p, public, s, []byte(c.input)); ok || err != nil {
					t.Errorf("verified with a changed signature: %v", err)
				}
			}
		})
	}
}

func TestImportJWKFails(t *testing.T) {
	runCases(t, []scriptCase{
		{"kty", `return jwk({kty: "EC", k: "AA"}, {name: "HMAC", hash: "SHA-1"}, ["sign"])`, `DataError: Failed to execute 'importKey' on 'SubtleCrypto': The JWK "kty" member was not "oct"`},
		{"no k", `return jwk({kty: "oct"}, {name: "HMAC", hash: "SHA-1"}, ["sign"])`, `DataError: Failed to execute 'importKey' on 'SubtleCrypto': The required JWK member "k" was missing`},
		{"padding", `return jwk({kty: "oct", k: "AAAA="}, {name: "HMAC", hash: "SHA-1"}, ["sign"])`, `DataError: Failed to execute 'importKey' on 'SubtleCrypto': The JWK member "k" could not be base64url decoded or contained padding`},
		{"line end", `return jwk({kty: "oct", k: "AA\nAA"}, {name: "HMAC", hash: "SHA-1"}, ["sign"]).catch(e => e.name)`, "DataError"},
		{"alg", `return jwk({kty: "oct", k: "AAAA", alg: "HS256"}, {name: "HMAC", hash: "SHA-1"}, ["sign"]).catch(e => e.name)`, "DataError"},
		{"use", `return jwk({kty: "oct", k: "AAAA", use: "enc"}, {name: "HMAC", hash: "SHA-1"}, ["sign"]).catch(e => e.name)`, "DataError"},
		{"key_ops", `return jwk({kty: "oct", k: "AAAA", key_ops: ["verify"]}, {name: "HMAC", hash: "SHA-1"}, ["sign"]).catch(e => e.name)`, "DataError"},
		{"key_ops twice", `return jwk({kty: "oct", k: "AAAA", key_ops: ["sign", "sign"]}, {name: "HMAC", hash: "SHA-1"}, ["sign"]).catch(e => e.name)`, "DataError"},
		{"unknown key_ops", `return (await jwk({kty: "oct", k: "AAAA", key_ops: ["sign", "dance"]}, {name: "HMAC", hash: "SHA-1"}, ["sign"])).type`, "secret"},
		{"ext", `return jwk({kty: "oct", k: "AAAA", ext: false}, {name: "HMAC", hash: "SHA-1"}, ["sign"]).catch(e => e.name)`, "DataError"},
		{"ext not asked for", `return (await jwk({kty: "oct", k: "AAAA", ext: false}, {name: "HMAC", hash: "SHA-1"}, ["sign"], false)).type`, "secret"},
		{"aes size", `return jwk({kty: "oct", k: "AAAA"}, "AES-GCM", ["encrypt"]).catch(e => e.name)`, "DataError"},
		{"other curve", `return jwk(` + ecJWK + `, {name: "ECDSA", namedCurve: "P-384"}, ["sign"]).catch(e => e.name)`, "DataError"},
		{"unknown curve", `return jwk(` + ecJWK + `, {name: "ECDSA", namedCurve: "secp256k1"}, ["sign"]).catch(e => e.name)`, "NotSupportedError"},
		{"not on the curve", `return jwk({...` + ecJWK + `, y: "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5b0"}, {name: "ECDSA", namedCurve: "P-256"}, ["sign"]).catch(e => e.name)`, "DataError"},
		{"other private key", `return jwk({...` + ecJWK + `, d: "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9MI"}, {name: "ECDSA", namedCurve: "P-256"}, ["sign"]).catch(e => e.name)`, "DataError"},
		{"short coordinate", `return jwk({...` + ecJWK + `, x: "zc4ncPbEXUGDy-5v20t7WAczNXvp7xO6z248e9FURQ"}, {name: "ECDSA", namedCurve: "P-256"}, ["sign"])`, `DataError: Failed to execute 'importKey' on 'SubtleCrypto': The JWK's "x" member defines an octet string of length 31 bytes but should be 32`},
		{"usages of a public key", `return jwk({...` + ecJWK + `, d: undefined}, {name: "ECDSA", namedCurve: "P-256"}, ["sign"]).catch(e => e.name)`, "SyntaxError"},
		{"rsa without p", `return jwk({...` + rsaJWK + `, p: undefined}, {name: "RSA-PSS", hash: "SHA-1"}, ["sign"]).catch(e => e.name)`, "DataError"},
		{"rsa with another qi", `return jwk({...` + rsaJWK + `, qi: "AQAB"}, {name: "RSA-PSS", hash: "SHA-1"}, ["sign"]).catch(e => e.name)`, "DataError"},
		{"rsa with p of 1", `return jwk({...` + rsaJWK + `, p: "AQ"}, {name: "RSA-PSS", hash: "SHA-1"}, ["sign"]).catch(e => e.name)`, "DataError"},
		{"rsa with an even exponent", `return jwk({...` + rsaJWK + `, d: undefined, e: "BA"}, {name: "RSA-PSS", hash: "SHA-1"}, ["verify"]).catch(e => e.name)`, "DataError"},
		{"rsa with three primes", `return jwk({...` + rsaJWK + `, oth: []}, {name: "RSA-PSS", hash: "SHA-1"}, ["sign"]).catch(e => e.name)`, "NotSupportedError"},
		{"other okp", `return jwk(` + okpJWK + `, "X25519", ["deriveBits"]).catch(e => e.name)`, "DataError"},
		{"okp mismatch", `return jwk({...` + okpJWK + `, x: "21qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}, "Ed25519", ["sign"]).catch(e => e.name)`, "DataError"},
		{"getter throws", `return jwk({get kty() { throw 8 }}, "AES-GCM", ["sign"])`, "8"},
	})
}

// TestRoundTrips exports what was imported and imports it again.
func TestRoundTrips(t *testing.T) {
	for _, c := range []struct{ name, key, algorithm, usage, public string }{
		{"RSA", rsaJWK, `{name: "RSASSA-PKCS1-v1_5", hash: "SHA-256"}`, "sign", "spki jwk"},
		{"RSA-OAEP", rsaJWK, `{name: "RSA-OAEP", hash: "SHA-1"}`, "decrypt", "spki jwk"},
		{"ECDSA", ecJWK, `{name: "ECDSA", namedCurve: "P-256"}`, "sign", "raw spki jwk"},
		{"ECDH", ecJWK, `{name: "ECDH", namedCurve: "P-256"}`, "deriveBits", "raw spki jwk"},
		{"Ed25519", okpJWK, `"Ed25519"`, "sign", "raw spki jwk"},
		{"NODE-ED25519", okpJWK, `{name: "NODE-ED25519", namedCurve: "NODE-ED25519"}`, "sign", "raw spki jwk"},
		{"X25519", `{"kty":"OKP","crv":"X25519","d":"dwdtCnMYpX08FsFyUbJmRd9ML4frwJkqsXf7pR25LCo","x":"hSDwCYkwp1R0i33ctD73Wg2_Og0mOBr066SpjqqbTmo"}`, `"X25519"`, "deriveBits", "raw spki jwk"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := eval(t, `var source = `+c.key+`, a = `+c.algorithm+`, k = await jwk(source, a, ["`+c.usage+`"]);
				var der = await subtle.exportKey("pkcs8", k), again = await subtle.importKey("pkcs8", der, a, true, ["`+c.usage+`"]);
				var out = await subtle.exportKey("jwk", again);
				for (var m in source) if (out[m] !== source[m]) return "private " + m;
				if (await subtle.importKey("pkcs8", new Uint8Array([...new Uint8Array(der), 0]), a, true, ["`+c.usage+`"]).catch(e => e.name) != "DataError") return "trailing data";
				if (await subtle.importKey("spki", der, a, true, []).catch(e => e.name) != "DataError") return "wrong format";
				if (await subtle.exportKey("spki", k).catch(e => e.name) != "InvalidAccessError") return "spki of a private key";
				for (var m of ["d", "p", "q", "dp", "dq", "qi"]) delete source[m];
				var p = await jwk(source, a, []);
				for (var f of "`+c.public+`".split(" ")) {
					var x = await subtle.exportKey("jwk", await subtle.importKey(f, await subtle.exportKey(f, p), a, true, []));
					for (var m in source) if (x[m] !== source[m]) return f + " " + m;
					if ("d" in x) return "private part of a public key";
				}
				return "same"`)
			if got != "same" {
				t.Errorf("differs in %s", got)
			}
		})
	}
}

// FuzzImportJWK looks for keys that break an import, or that cannot be used or exported
// once they were imported.
func FuzzImportJWK(f *testing.F) {
	for _, s := range []string{rsaJWK, ecJWK, okpJWK, octJWK, `{"kty":"OKP","crv":"X25519","x":"hSDwCYkwp1R0i33ctD73Wg2_Og0mOBr066SpjqqbTmo"}`,
		`{"kty":"RSA","n":"AQ","e":"AQ","d":"","p":"AQ","q":"AA","dp":"","dq":"","qi":""}`, `{"kty":"RSA","n":"Dw","e":"Aw","d":"Aw","p":"BQ","q":"Aw","dp":"Aw","dq":"AQ","qi":"Ag"}`,
		`{"kty":"oct","k":"AAAAAAAAAAAAAAAAAAAAAA","ext":false,"key_ops":["x"],"use":"sig"}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		j, ok := readJWK(text)
		if !ok || len(j.n.Value)+len(j.p.Value)+len(j.q.Value) > 1500 {
			return // big numbers are slow, not wrong
		}
		for _, m := range mechanisms {
			for _, c := range curves {
				p := &params{mechanism: m, hash: hashFunctions[0], namedCurve: c.name, checkpoint: func() {}}
				for i := range usageNames {
					k, err := m.importKey(p, keyData{format: inJWK, jwk: j}, true, 1<<i)
					if err != nil {
						continue
					}
					d, err := m.exportKey(k, inJWK)
					if err != nil {
						t.Fatalf("%s: %v", m.name, err)
					}
					if back, ok := readJWK(d.jwk.appendText(nil)); !ok {
						t.Fatalf("%s: bad text %s", m.name, d.jwk.appendText(nil))
					} else if _, err := m.importKey(p, keyData{format: inJWK, jwk: back}, true, 1<<i); err != nil {
						t.Fatalf("%s: its own export: %v", m.name, err)
					}
					if m.sign != nil && k.kind != publicKey {
						_, _ = m.sign(p, k, text)
					}
					if m.verify != nil && k.kind != privateKey {
						_, _ = m.verify(p, k, text, text)
					}
				}
			}
		}
	})
}
