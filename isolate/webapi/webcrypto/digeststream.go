package webcrypto

import (
	"hash"
	"math/big"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webapi/streams"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// DigestStreamClass is the DigestStream of Workers, a WritableStream that keeps only
// the digest of what is written:
// https://developers.cloudflare.com/workers/runtime-apis/web-crypto/#digeststream
var DigestStreamClass = &webidl.Class[*streams.WritableStream]{
	Name:    "DigestStream",
	Extends: streams.WritableStreamClass,
	Constructor: webidl.New1(func(js *webidl.Realm, algorithm goja.Value) (*streams.WritableStream, error) {
		id, err := toIdentifier(js, algorithm)
		if err != nil {
			return nil, err
		}
		h, err := digestNamed(id.name)
		if err != nil {
			return nil, err
		}
		d := &digester{hash: h.new(), promise: js.NewPromise()}
		d.promise.MarkHandled()
		return streams.NewWritable(js, d), nil
	}, algorithmIdentifier),
	Members: []webidl.Member[*streams.WritableStream]{
		webidl.ReadOnly("digest", func(s *streams.WritableStream, _ *webidl.Realm) (*webidl.Promise, error) {
			d, err := digesterOf(s)
			if err != nil {
				return nil, err
			}
			return d.promise, nil
		}),
		webidl.ReadOnly("bytesWritten", func(s *streams.WritableStream, js *webidl.Realm) (goja.Value, error) {
			d, err := digesterOf(s)
			if err != nil {
				return nil, err
			}
			return js.VM.ToValue(new(big.Int).SetUint64(d.written)), nil
		}),
	},
}

// digesterOf tells a DigestStream from the other writable streams.
func digesterOf(s *streams.WritableStream) (*digester, error) {
	d, ok := s.Sink().(*digester)
	if !ok {
		return nil, webidl.TypeError("Illegal invocation")
	}
	return d, nil
}

// A digester is the sink of a DigestStream.
type digester struct {
	hash    hash.Hash
	written uint64 // bytes
	promise *webidl.Promise
}

func (d *digester) Write(js *webidl.Realm, chunk goja.Value) error {
	b, ok := js.BytesOf(chunk)
	if !ok {
		s, isString := chunk.(goja.String)
		if !isString {
			err := webidl.TypeError("DigestStream is a byte stream but received an object of non-ArrayBuffer/ArrayBufferView/string type on its writable side.")
			d.promise.Reject(err)
			return err
		}
		b = []byte(s.String())
	}
	d.hash.Write(b)
	d.written += uint64(len(b))
	return nil
}

func (d *digester) Close(js *webidl.Realm) error {
	d.promise.Resolve(js.ArrayBuffer(d.hash.Sum(nil)))
	return nil
}

func (d *digester) Abort(_ *webidl.Realm, reason goja.Value) { d.promise.RejectValue(reason) }
