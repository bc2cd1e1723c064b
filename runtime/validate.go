package runtime

import (
	"context"
	"errors"

	"github.com/mayfly-edge/mayfly/isolate/compiler"
	"github.com/mayfly-edge/mayfly/isolate/worker"
	"github.com/mayfly-edge/mayfly/runtime/control"
	"github.com/mayfly-edge/mayfly/runtime/pool"
	"github.com/mayfly-edge/mayfly/runtime/script"
)

// Validate implements control.Validator: it compiles an upload and runs its top level. The error of a script that is
// refused is a *script.Error of the kind ParseFailed, StartupFailed or NoHandlers.
func (rt *Runtime) Validate(ctx context.Context, v *script.Version) (control.Validation, error) {
	var none control.Validation
	b, err := rt.pool.Build(ctx, source(v))
	if err != nil {
		return none, refused(err)
	}
	spec, err := rt.spec(v)
	if err != nil {
		return none, script.Errorf(script.BadBinding, "%v", err)
	}
	hash := codeHash(v.Account, v.Script, v.Digest()) // v has no ETag before it is stored
	pv := &pool.Version{
		Spec:   *spec,
		Hash:   hash,
		Bundle: func(context.Context) (*compiler.Bundle, error) { return rehashed(b, hash), nil },
	}
	found, err := rt.pool.Validate(ctx, pv)
	if err != nil {
		return none, refused(err)
	}
	stored, err := b.MarshalBinary()
	if err != nil {
		return none, err
	}
	return control.Validation{
		StartupTime: found.Startup, Handlers: found.Handlers, Entrypoints: found.Entrypoints,
		Artifacts: map[string][]byte{bundleKind: stored},
	}, nil
}

// refused puts why a script was refused in the words of the upload API.
func refused(err error) error {
	var code *compiler.Error
	if errors.As(err, &code) {
		return script.Errorf(script.ParseFailed, "%v", err)
	}
	var load *worker.LoadError
	if errors.As(err, &load) {
		if load.Reason == worker.NoHandlers {
			return script.Errorf(script.NoHandlers, "%v", err)
		}
		return script.Errorf(script.StartupFailed, "%v", err)
	}
	return err
}
