package host

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/mayfly-edge/mayfly/isolate/compiler"
	"github.com/mayfly-edge/mayfly/isolate/worker"
	"github.com/mayfly-edge/mayfly/runtime/pool"
)

// manifest is a version as a child is told of it, once. The bundle follows when the
// child asks for it.
type manifest struct {
	Spec                  worker.Spec
	Hash                  compiler.Hash
	MaxConcurrentRequests int
	Pristine              bool
}

func encodeVersion(v *pool.Version) ([]byte, error) {
	return json.Marshal(manifest{v.Spec, v.Hash, v.MaxConcurrentRequests, v.Pristine})
}

func decodeVersion(p []byte, bundle func(context.Context) (*compiler.Bundle, error)) (*pool.Version, error) {
	var m manifest
	if err := json.Unmarshal(p, &m); err != nil {
		return nil, fmt.Errorf("version: %w", err)
	}
	return &pool.Version{
		Spec: m.Spec, Hash: m.Hash, Bundle: bundle, MaxConcurrentRequests: m.MaxConcurrentRequests, Pristine: m.Pristine,
	}, nil
}

// appendBundle writes a bundle with the hash that it is known by.
func appendBundle(b []byte, bundle *compiler.Bundle) ([]byte, error) {
	stored, err := bundle.MarshalBinary()
	if err != nil {
		return nil, err
	}
	return appendBytes(append(b, bundle.Hash[:]...), stored), nil
}

func (d *decoder) bundle() (*compiler.Bundle, error) {
	hash, stored := d.take(uint64(len(compiler.Hash{}))), d.bytes()
	if d.bad {
		return nil, errMalformed
	}
	b := new(compiler.Bundle)
	if err := b.UnmarshalBinary(stored); err != nil {
		return nil, err
	}
	b.Hash = compiler.Hash(hash)
	return b, nil
}

// An errand is work for a child that is no event.
type errand uint8

const (
	errandBuild    errand = iota + 1 // a compiler.Source as JSON
	errandValidate                   // a version's number
	errandPrewarm                    // a version's number, how many isolates
	errandProfile                    // the profile's name, over which time
)

// settings is what a child is told first, as JSON.
type settings struct {
	Idle   int64 // nanoseconds: pool.Options.IdleTimeout
	Memory int64 // bytes that the child should stay below; 0 is no limit
	Free   bool  // no sandbox: for tests under tools that need what it withholds
	Slabs  bool  // there are slabs to be mapped
	Marks  int   // the descriptor of the marks; 0 if there are none
}

// parts is what a child answers once its sandbox is in force, as JSON.
type parts []Part
