package runtime

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/mayfly-edge/mayfly/isolate"
	"github.com/mayfly-edge/mayfly/isolate/compiler"
	"github.com/mayfly-edge/mayfly/isolate/worker"
	"github.com/mayfly-edge/mayfly/router"
	"github.com/mayfly-edge/mayfly/runtime/pool"
	"github.com/mayfly-edge/mayfly/runtime/script"
)

// deployed is a script as requests meet it: its active deployment with the versions in
// it. It is immutable but for the limiter, which outlives deployments, and the previews
// that were asked for, by prefix or alias. A new version makes it be read anew.
type deployed struct {
	key           router.Script
	account, name string
	deployment    *script.Deployment
	versions      map[string]*loaded
	limiter       *limiter
	shared        *limiter // of the account, or nil
	provisioned   int      // isolates kept warm of each version
	previews      sync.Map // of string to *loaded
}

// loaded is a version with what it may reach.
type loaded struct {
	version *pool.Version
	session *session
	static  *static // nil without static files
	lambda  bool    // a Lambda function
	ownCPU  bool    // the script sets its CPU limit
}

// scripts are the deployed scripts in use, read from the store when first asked for.
type scripts struct {
	rt *Runtime

	mu       sync.RWMutex
	byKey    map[router.Script]*deployed
	limiters map[router.Script]*limiter
}

func scriptKey(account, name string) router.Script { return router.Script(account + "/" + name) }

// get returns a script by its key.
func (s *scripts) get(key router.Script) (*deployed, error) {
	s.mu.RLock()
	d := s.byKey[key]
	s.mu.RUnlock()
	if d != nil {
		return d, nil
	}
	d, l, err := s.read(key)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if other := s.byKey[key]; other != nil {
		return other, nil
	}
	s.limit(d, l)
	s.byKey[key] = d
	return d, nil
}

// read reads a script from the store.
func (s *scripts) read(key router.Script) (d *deployed, l limits, err error) {
	account, name, ok := splitKey(key)
	if !ok {
		return nil, l, script.Errorf(script.UnknownScript, "no script %q", key)
	}
	d = &deployed{key: key, account: account, name: name, versions: map[string]*loaded{}}
	err = s.rt.store.View(func(tx *script.Tx) (err error) {
		if l, err = s.rt.limits(tx, account, name); err != nil {
			return err
		}
		d.provisioned = l.provisioned
		if d.deployment, err = tx.ActiveDeployment(account, name); err != nil {
			return err
		}
		for _, share := range d.deployment.Versions {
			v, err := tx.LoadVersion(account, name, share.VersionID)
			if err != nil {
				return err
			}
			if d.versions[share.VersionID], err = s.rt.loadVersion(tx, v); err != nil {
				return err
			}
		}
		return nil
	})
	return d, l, err
}

// refresh reads a script anew. Its provisioned isolates are made before requests meet
// the new deployment; then the isolates of versions no longer deployed are retired.
func (s *scripts) refresh(key router.Script) {
	s.mu.RLock()
	old := s.byKey[key]
	s.mu.RUnlock()
	now, l, err := s.read(key)
	if err == nil && now.provisioned > 0 {
		s.rt.provision(now)
	}
	s.mu.Lock()
	delete(s.byKey, key)
	if err == nil && (old != nil || now.provisioned > 0) { // others are read when asked for
		s.limit(now, l)
		s.byKey[key] = now
	}
	s.mu.Unlock()
	if old == nil {
		return
	}
	for id := range old.versions {
		switch {
		case err != nil || now.versions[id] == nil: // an error shows with the next request
			s.rt.pool.Retire(id)
		case old.provisioned > 0 && now.provisioned == 0:
			s.rt.pool.Keep(now.versions[id].version, 0)
		}
	}
}

// relimit makes the scripts of an account read their limits anew.
func (s *scripts) relimit(account string) {
	s.mu.RLock()
	var keys []router.Script
	for key, d := range s.byKey {
		if d.account == account {
			keys = append(keys, key)
		}
	}
	s.mu.RUnlock()
	for _, key := range keys {
		s.refresh(key)
	}
}

func splitKey(key router.Script) (account, name string, ok bool) {
	for i := range key {
		if key[i] == '/' {
			return string(key[:i]), string(key[i+1:]), true
		}
	}
	return "", "", false
}

// bundleKind names the stored form of a compiled bundle.
const bundleKind = "bundle/1"

// loadVersion describes a stored version to the pool. v holds its modules and secrets.
func (rt *Runtime) loadVersion(tx *script.Tx, v *script.Version) (*loaded, error) {
	files, err := rt.loadStatic(tx, v)
	if err != nil {
		return nil, err
	}
	spec, err := rt.spec(v)
	if err != nil {
		return nil, err
	}
	s, err := tx.Script(v.Account, v.Script)
	if err != nil {
		return nil, err
	}
	plain := *v
	plain.Modules = nil
	hash := codeHash(v.Account, v.Script, v.ETag)
	pv := &pool.Version{
		Spec:                  *spec,
		Hash:                  hash,
		Pristine:              rt.cfg.Pristine,
		Own:                   s.Settings.Host == script.HostOwn,
		MaxConcurrentRequests: eventsAtOnce(v),
		Bundle: func(ctx context.Context) (*compiler.Bundle, error) {
			b, err := rt.bundle(ctx, &plain)
			return rehashed(b, hash), err
		},
	}
	return &loaded{version: pv, session: newSession(rt, v, files), static: files, lambda: isLambda(v), ownCPU: v.Limits.CPUMs > 0}, nil
}

// eventsAtOnce is how many events one isolate takes at a time: a Lambda function counts
// on being alone, all others take the pool's default.
func eventsAtOnce(v *script.Version) int {
	if isLambda(v) {
		return 1
	}
	return 0
}

func isLambda(v *script.Version) bool { return slices.Contains(v.Handlers, worker.HandlerLambda) }

// rehashed is a bundle under the hash by which its program is looked up, which must be
// known before the bundle is read.
func rehashed(b *compiler.Bundle, hash compiler.Hash) *compiler.Bundle {
	if b == nil {
		return nil
	}
	as := *b
	as.Hash = hash
	return &as
}

// codeHash is the key of a script's compiled code among all programs.
func codeHash(account, name, etag string) compiler.Hash {
	return sha256.Sum256([]byte("code of " + account + "/" + name + "/" + etag))
}

// spec is the version as the isolate is told of it.
func (rt *Runtime) spec(v *script.Version) (*worker.Spec, error) {
	s := &worker.Spec{
		Account: v.Account, Script: v.Script, Version: v.ID,
		Tag: v.Annotations["workers/tag"], Created: v.CreatedOn.UTC().Format(time.RFC3339Nano),
		Limits: isolate.Limits{CPU: rt.cfg.CPU, Memory: int64(v.Limits.MemoryMB) << 20, Subrequests: v.Limits.Subrequests},
		Data:   map[string][]byte{},
	}
	if v.Limits.CPUMs > 0 {
		s.Limits.CPU = time.Duration(v.Limits.CPUMs) * time.Millisecond
	}
	for _, flag := range v.CompatibilityFlags {
		if flag == "nodejs_compat" || flag == "nodejs_compat_v2" {
			s.NodeCompat = true
		}
	}
	for _, m := range v.Modules {
		if m.Type == script.DataFile || m.Type == script.WasmFile {
			s.Data[m.Name] = m.Content
		}
	}
	for _, b := range v.Bindings {
		w := worker.Binding{Name: b.Name}
		switch b.Type {
		case script.PlainText:
			w.Kind, w.Value = worker.Text, []byte(b.Text)
		case script.SecretText:
			w.Kind, w.Value = worker.Text, []byte(b.Secret.Reveal())
		case script.JSON:
			w.Kind, w.Value = worker.JSON, b.JSON
		case script.KVNamespace:
			w.Kind = worker.KVNamespace
		case script.Service, script.Assets:
			w.Kind = worker.Service
		case script.VersionMetadata:
			w.Kind = worker.VersionMetadata
		case script.TextBlob, script.DataBlob, script.WasmModule:
			m := v.Module(b.Part)
			if m == nil {
				return nil, fmt.Errorf("binding %s: the part %q was not uploaded", b.Name, b.Part)
			}
			w.Kind, w.Value = worker.Text, m.Content
			switch b.Type {
			case script.DataBlob:
				w.Kind = worker.Data
			case script.WasmModule:
				w.Kind = worker.Wasm
			}
		default:
			return nil, fmt.Errorf("binding %s: the type %s is not supported", b.Name, b.Type)
		}
		s.Bindings = append(s.Bindings, w)
	}
	return s, nil
}

// source is the upload as the compiler takes it.
func source(v *script.Version) compiler.Source {
	s := compiler.Source{Main: v.Main, Classic: v.Format == script.ServiceWorker}
	for _, flag := range v.CompatibilityFlags {
		if flag == "nodejs_compat" || flag == "nodejs_compat_v2" {
			s.NodeCompat = true
		}
	}
	kinds := map[script.ModuleType]compiler.Kind{
		script.ESModule: compiler.ESModule, script.CommonJS: compiler.CommonJS, script.ScriptFile: compiler.ESModule,
		script.TextFile: compiler.Text, script.DataFile: compiler.Data, script.JSONFile: compiler.JSON,
		script.WasmFile: compiler.Wasm, script.SourceMap: compiler.SourceMap,
	}
	for _, m := range v.Modules {
		s.Modules = append(s.Modules, compiler.Module{Name: m.Name, Kind: kinds[m.Type], Contents: m.Content})
	}
	return s
}

// bundle reads a version's bundle, or makes it anew and keeps it.
func (rt *Runtime) bundle(ctx context.Context, v *script.Version) (*compiler.Bundle, error) {
	stored, err := rt.store.Artifact(v, bundleKind)
	if err != nil {
		return nil, err
	}
	if stored != nil {
		b := new(compiler.Bundle)
		if err := b.UnmarshalBinary(stored); err == nil {
			return b, nil
		} else if !errors.Is(err, compiler.ErrBundleFormat) {
			return nil, err
		}
	}
	var whole *script.Version
	if err := rt.store.View(func(tx *script.Tx) (err error) {
		whole, err = tx.LoadVersion(v.Account, v.Script, v.ID)
		return err
	}); err != nil {
		return nil, err
	}
	b, err := rt.pool.Build(ctx, source(whole))
	if err != nil {
		return nil, err
	}
	return b, rt.keepBundle(v, b)
}

func (rt *Runtime) keepBundle(v *script.Version, b *compiler.Bundle) error {
	stored, err := b.MarshalBinary()
	if err != nil {
		return err
	}
	return rt.store.PutArtifact(v, bundleKind, stored)
}
