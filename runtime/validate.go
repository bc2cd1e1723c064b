package runtime

import (
	"context"
	"errors"
	"sync"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/mayfly-edge/mayfly/isolate/compiler"
	"github.com/mayfly-edge/mayfly/isolate/worker"
	"github.com/mayfly-edge/mayfly/runtime/control"
	"github.com/mayfly-edge/mayfly/runtime/pool"
	"github.com/mayfly-edge/mayfly/runtime/script"
)

// bundles keeps the bundles of uploads between their validation and their storing.
type bundles struct {
	once sync.Once
	lru  *lru.Cache[string, *compiler.Bundle]
}

// pendingBundles is how many uploads may be between validation and storing.
const pendingBundles = 64

func (b *bundles) cache() *lru.Cache[string, *compiler.Bundle] {
	b.once.Do(func() { b.lru, _ = lru.New[string, *compiler.Bundle](pendingBundles) }) // fails only for a size of 0
	return b.lru
}

func pendingKey(account, name, etag string) string { return account + "/" + name + "/" + etag }

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
	etag := v.Digest() // v has none before it is stored
	hash := codeHash(v.Account, v.Script, etag)
	pv := &pool.Version{
		Spec:   *spec,
		Hash:   hash,
		Bundle: func(context.Context) (*compiler.Bundle, error) { return rehashed(b, hash), nil },
	}
	found, err := rt.pool.Validate(ctx, pv)
	if err != nil {
		return none, refused(err)
	}
	rt.pending.cache().Add(pendingKey(v.Account, v.Script, etag), b)
	return control.Validation{StartupTime: found.Startup, Handlers: found.Handlers, Entrypoints: found.Entrypoints}, nil
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

// keepPending stores the bundle of a version that was just added, so that a restart
// need not bundle it again.
func (rt *Runtime) keepPending(c script.Change) {
	var v *script.Version
	if err := rt.store.View(func(tx *script.Tx) (err error) {
		v, err = tx.Version(c.Account, c.Script, c.ID)
		return err
	}); err != nil {
		return // gone again
	}
	key := pendingKey(v.Account, v.Script, v.ETag)
	b, ok := rt.pending.cache().Get(key)
	if !ok {
		return
	}
	rt.pending.cache().Remove(key)
	if err := rt.keepBundle(v, b); err != nil {
		rt.cfg.Log.Warn("bundle not stored; it will be made again", "script", v.Script, "version", v.ID, "error", err)
	}
}
