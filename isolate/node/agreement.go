package node

import (
	"bytes"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rand"
	"math/big"
	"strconv"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/asymmetric"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// maxPrime bounds, in bits, the numbers that primes are sought and tested among and that
// Diffie-Hellman counts with: one step of arithmetic on them cannot be interrupted.
const maxPrime = 8192

// bigInt returns a BigInt.
func bigInt(js *webidl.Realm, i int64) goja.Value { return js.VM.ToValue(big.NewInt(i)) }

// generateFunctions are the natives that make keys.
var generateFunctions = []function{
	// rsa(bits, exponent) returns a private key's handle.
	{"rsa", 2, func(n *realm, _ goja.Value, args []goja.Value) (goja.Value, error) {
		size, e := arg(args, 0).ToInteger(), arg(args, 1).ToInteger()
		if size < 1024 || size > maxPrime {
			return nil, fail(n.js, "RangeError", "ERR_OUT_OF_RANGE", "The value of \"options.modulusLength\" is out of range. It must be >= 1024 && <= "+strconv.Itoa(maxPrime)+". Received "+arg(args, 0).String())
		}
		if e < 3 || e&1 == 0 || e > 1<<31-1 {
			return nil, openssl(n.js, "ERR_OSSL_RSA_PUB_EXPONENT_OUT_OF_RANGE", "error:020000B2:rsa routines::pub exponent out of range")
		}
		if _, err := n.js.Ambient(); err != nil { // not while the script loads
			return nil, err
		}
		return n.key(asymmetric.GenerateRSA(int(size), big.NewInt(e), n.js.Checkpoint)), nil
	}},
	// curve(name) returns a private key's handle, or undefined for an unknown curve.
	{"curve", 1, func(n *realm, _ goja.Value, args []goja.Value) (goja.Value, error) {
		if _, err := n.js.Ambient(); err != nil {
			return nil, err
		}
		switch name := arg(args, 0).String(); name {
		case "ed25519":
			_, k, err := ed25519.GenerateKey(rand.Reader)
			return n.key(k), err
		case "x25519":
			k, err := ecdh.X25519().GenerateKey(rand.Reader)
			return n.key(k), err
		default:
			c := asymmetric.CurveNamed(name)
			if c == nil {
				return nil, nil
			}
			k, err := ecdsa.GenerateKey(c.Elliptic, rand.Reader)
			return n.key(k), err
		}
	}},
}

// agreementFunctions are the natives of Diffie-Hellman and of primes. Numbers are bytes,
// the highest first.
var agreementFunctions = []function{
	// agree(private, public) returns the secret of two handles of the same kind.
	{"agree", 2, func(n *realm, _ goja.Value, args []goja.Value) (goja.Value, error) {
		secret, err := asymmetric.Agree(handleOf(arg(args, 0)).pair, asymmetric.Public(handleOf(arg(args, 1)).pair))
		if err != nil {
			return nil, openssl(n.js, "ERR_OSSL_FAILED_DURING_DERIVATION", "error:1C80008E:Provider routines::failed during derivation")
		}
		return n.buffer(secret), nil
	}},
	{"curves", 0, func(n *realm, _ goja.Value, _ []goja.Value) (goja.Value, error) {
		return n.js.Strings(asymmetric.Curves()), nil
	}},
	// point(curve, bytes) returns a public key's handle, or undefined for what is no point.
	{"point", 2, func(n *realm, _ goja.Value, args []goja.Value) (goja.Value, error) {
		b, err := dataOf(n.js, arg(args, 1), goja.Undefined(), "key")
		if err != nil {
			return nil, err
		}
		k, err := asymmetric.CurveNamed(arg(args, 0).String()).Point(b)
		if err != nil {
			return nil, nil
		}
		return n.key(k), nil
	}},
	// scalar(curve, bytes) returns a private key's handle, or undefined for what is none.
	{"scalar", 2, func(n *realm, _ goja.Value, args []goja.Value) (goja.Value, error) {
		b, err := dataOf(n.js, arg(args, 1), goja.Undefined(), "key")
		if err != nil {
			return nil, err
		}
		c := asymmetric.CurveNamed(arg(args, 0).String())
		if b = bytes.TrimLeft(b, "\x00"); len(b) > c.Size {
			return nil, nil
		}
		k, err := ecdsa.ParseRawPrivateKey(c.Elliptic, append(make([]byte, c.Size-len(b)), b...))
		if err != nil {
			return nil, nil
		}
		return n.key(k), nil
	}},
	// bytes(handle, form) returns the scalar of a private key, or a point in a form.
	{"bytes", 2, func(n *realm, _ goja.Value, args []goja.Value) (goja.Value, error) {
		h := handleOf(arg(args, 0))
		if form := optionalText(arg(args, 1)); form != "" {
			return n.buffer(asymmetric.EncodePoint(asymmetric.Public(h.pair).(*ecdsa.PublicKey), form)), nil
		}
		b, err := h.pair.(*ecdsa.PrivateKey).Bytes()
		if err != nil {
			return nil, err
		}
		return n.buffer(bytes.TrimLeft(b, "\x00")), nil
	}},
	// group(name) returns the prime of a group, or undefined.
	{"group", 1, func(n *realm, _ goja.Value, args []goja.Value) (goja.Value, error) {
		if p := asymmetric.Group(arg(args, 0).String()); p != nil {
			return n.buffer(p.Bytes()), nil
		}
		return nil, nil
	}},
	// power(base, exponent, modulus)
	{"power", 3, func(n *realm, _ goja.Value, args []goja.Value) (goja.Value, error) {
		var numbers [3]*big.Int
		for i := range numbers {
			b, err := dataOf(n.js, arg(args, i), goja.Undefined(), "number")
			if err != nil {
				return nil, err
			}
			if numbers[i] = new(big.Int).SetBytes(b); numbers[i].BitLen() > maxPrime {
				return nil, openssl(n.js, "ERR_OSSL_DH_MODULUS_TOO_LARGE", "error:02800067:Diffie-Hellman routines::modulus too large")
			}
		}
		m := numbers[2]
		if m.Sign() == 0 {
			return nil, openssl(n.js, "ERR_OSSL_DH_MODULUS_TOO_SMALL", "error:0280007E:Diffie-Hellman routines::modulus too small")
		}
		return n.buffer(new(big.Int).Exp(numbers[0], numbers[1], m).FillBytes(make([]byte, (m.BitLen()+7)/8))), nil
	}},
	// exponent(prime) returns a random private key for Diffie-Hellman modulo a prime.
	{"exponent", 2, func(n *realm, _ goja.Value, args []goja.Value) (goja.Value, error) {
		b, err := dataOf(n.js, arg(args, 0), goja.Undefined(), "prime")
		if err != nil {
			return nil, err
		}
		if _, err := n.js.Ambient(); err != nil {
			return nil, err
		}
		return n.buffer(asymmetric.GroupExponent(new(big.Int).SetBytes(b)).Bytes()), nil
	}},
	// isPrime(bytes, checks)
	{"isPrime", 2, func(n *realm, _ goja.Value, args []goja.Value) (goja.Value, error) {
		b, err := dataOf(n.js, arg(args, 0), goja.Undefined(), "candidate")
		if err != nil {
			return nil, err
		}
		p := new(big.Int).SetBytes(b)
		if p.BitLen() > maxPrime {
			return nil, fail(n.js, "RangeError", "ERR_OUT_OF_RANGE", "The candidate has more than "+strconv.Itoa(maxPrime)+" bits, which is more than Mayfly tests")
		}
		rounds := arg(args, 1).ToInteger()
		return n.js.VM.ToValue(asymmetric.IsPrime(p, int(min(rounds, 1<<20)), n.js.Checkpoint)), nil
	}},
	// prime(bits, safe, add, rem) returns a random prime, undefined where none can be.
	{"prime", 4, func(n *realm, _ goja.Value, args []goja.Value) (goja.Value, error) {
		size := arg(args, 0).ToInteger()
		if size > maxPrime/2 {
			return nil, fail(n.js, "RangeError", "ERR_OUT_OF_RANGE", "The value of \"size\" is out of range. It must be <= "+strconv.Itoa(maxPrime/2)+". Received "+arg(args, 0).String())
		}
		var add, rem *big.Int
		for i, to := range []**big.Int{&add, &rem} {
			b, err := optionalData(n, arg(args, 2+i), goja.Undefined(), "options")
			if err != nil {
				return nil, err
			}
			if b != nil {
				*to = new(big.Int).SetBytes(b)
			}
		}
		if _, err := n.js.Ambient(); err != nil {
			return nil, err
		}
		p := asymmetric.GeneratePrime(int(size), arg(args, 1).ToBoolean(), add, rem, n.js.Checkpoint)
		return n.buffer(p.FillBytes(make([]byte, (size+7)/8))), nil
	}},
}
