package webcrypto

import (
	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// An identifier is an AlgorithmIdentifier, (object or DOMString), whose name was read.
type identifier struct {
	name   string
	object *goja.Object // nil for a name alone
}

// toIdentifier reads the name of an AlgorithmIdentifier.
func toIdentifier(js *webidl.Realm, v goja.Value) (identifier, error) {
	o, ok := v.(*goja.Object)
	if !ok {
		name, err := webidl.DOMString.Convert(js, v)
		return identifier{name: name}, err
	}
	name := o.Get("name")
	if name == nil || goja.IsUndefined(name) {
		return identifier{}, webidl.TypeError("Algorithm: name: Missing or not a string")
	}
	s, err := webidl.DOMString.Convert(js, name)
	return identifier{s, o}, err
}

// normalize is https://w3c.github.io/webcrypto/#algorithm-normalization-normalize-an-algorithm
func normalize(js *webidl.Realm, op operation, v goja.Value) (*params, error) {
	// 1. If alg is an instance of a DOMString, normalize a dictionary with that name.
	// 3., 4. Let initialAlg be the result of converting alg to Algorithm.
	id, err := toIdentifier(js, v)
	if err != nil {
		return nil, err
	}
	// 5. If registeredAlgorithms contains a key that is a case-insensitive match for algName,
	// let desiredType be its value; otherwise return a NotSupportedError.
	m := mechanismNamed(id.name)
	if m == nil {
		return nil, notSupported("Algorithm: Unrecognized name")
	}
	d, ok := m.supports(op)
	if !ok {
		return nil, notSupported("Algorithm: %s does not support this operation", m.name)
	}
	// 8.-10. Convert alg to desiredType, copy its bytes and normalize its members.
	if d == nil {
		return &params{mechanism: m}, nil
	}
	var from goja.Value = goja.Undefined()
	if id.object != nil {
		from = id.object
	}
	p, err := d.Convert(js, from)
	if err != nil {
		return nil, err
	}
	p.mechanism = m
	return &p, nil
}
