package script

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/mayfly-edge/mayfly/kv"
)

// KeptVersions is how many versions of a script are kept. Older ones go, except those
// that are deployed.
const KeptVersions = 100

// MaxCodeSize is the most bytes the modules of a version may have together.
const MaxCodeSize = 60 << 20

// A Version is one upload of a script. It never changes once stored.
type Version struct {
	Account     string            `json:"account"`
	Script      string            `json:"script"`
	ID          string            `json:"id"`     // UUID
	Number      int               `json:"number"` // counts from 1 within the script
	CreatedOn   time.Time         `json:"created_on"`
	Source      string            `json:"source"` // wrangler, api
	Author      string            `json:"author"` // name of the token that made it
	Annotations map[string]string `json:"annotations,omitempty"`

	Format Format `json:"format"`
	// Main is the name of the entry module; "" for a version that has only assets.
	Main               string          `json:"main,omitempty"`
	CompatibilityDate  string          `json:"compatibility_date,omitempty"`
	CompatibilityFlags []string        `json:"compatibility_flags,omitempty"`
	Limits             Limits          `json:"limits"`
	Placement          json.RawMessage `json:"placement,omitempty"`
	Bindings           []Binding       `json:"bindings,omitempty"`
	Assets             *AssetsRef      `json:"assets,omitempty"`

	// What validation found out.
	Handlers    []string      `json:"handlers,omitempty"` // fetch, scheduled ...
	Entrypoints []string      `json:"entrypoints,omitempty"`
	StartupTime time.Duration `json:"startup_time"`

	// ETag is the hash of format, main and modules. Versions that differ only in their
	// bindings have it in common, and so share compiled code.
	ETag string `json:"etag"`
	// Modules is set by Store.Load; other readers leave it nil.
	Modules []Module `json:"-"`
	// Artifacts is what was derived from the modules, by kind, for AddVersion to keep with
	// them; readers leave it nil. See Store.Artifact.
	Artifacts map[string][]byte `json:"-"`
}

// A Format is the way a script is written.
type Format string

const (
	Modules       Format = "modules"        // ES modules with a default export
	ServiceWorker Format = "service-worker" // addEventListener("fetch", ...)
	AssetsOnly    Format = "assets"         // no code
)

// A ModuleType says what importing a module yields.
type ModuleType string

const (
	ESModule   ModuleType = "esm"
	CommonJS   ModuleType = "commonjs"
	ScriptFile ModuleType = "script" // the body of a service worker
	TextFile   ModuleType = "text"
	DataFile   ModuleType = "data"
	JSONFile   ModuleType = "json"
	WasmFile   ModuleType = "wasm"
	SourceMap  ModuleType = "sourcemap"
)

// A Module is one uploaded file. Name is the specifier by which the others import it.
type Module struct {
	Name    string     `json:"name"`
	Type    ModuleType `json:"type"`
	Content []byte     `json:"-"`
}

// Limits are the limits a version asks for; 0 leaves the server's default.
type Limits struct {
	CPUMs       int `json:"cpu_ms,omitempty"`
	MemoryMB    int `json:"memory_mb,omitempty"` // of an isolate, in MiB
	Subrequests int `json:"subrequests,omitempty"`
}

// Bounds on Limits.
const (
	MaxCPUMs       = 300_000
	MinMemoryMB    = 16 // with less a large bundle does not even start
	MaxMemoryMB    = 512
	MaxSubrequests = 10_000
)

// Check reports whether the limits are within their bounds.
func (l Limits) Check() error {
	if l.CPUMs < 0 || l.CPUMs > MaxCPUMs {
		return Errorf(BadValue, "limits.cpu_ms is %d, it must be from 1 to %d", l.CPUMs, MaxCPUMs)
	}
	if l.MemoryMB != 0 && (l.MemoryMB < MinMemoryMB || l.MemoryMB > MaxMemoryMB) {
		return Errorf(BadValue, "limits.memory_mb is %d, it must be from %d to %d", l.MemoryMB, MinMemoryMB, MaxMemoryMB)
	}
	if l.Subrequests < 0 || l.Subrequests > MaxSubrequests {
		return Errorf(BadValue, "limits.subrequests is %d, it must be from 1 to %d", l.Subrequests, MaxSubrequests)
	}
	return nil
}

// Module returns the module of that name, or nil.
func (v *Version) Module(name string) *Module {
	for i := range v.Modules {
		if v.Modules[i].Name == name {
			return &v.Modules[i]
		}
	}
	return nil
}

// Binding returns the binding of that name, or nil.
func (v *Version) Binding(name string) *Binding {
	for i := range v.Bindings {
		if v.Bindings[i].Name == name {
			return &v.Bindings[i]
		}
	}
	return nil
}

// CodeSize is the sum of the modules' sizes, source maps not counted.
func (v *Version) CodeSize() int {
	n := 0
	for _, m := range v.Modules {
		if m.Type != SourceMap {
			n += len(m.Content)
		}
	}
	return n
}

var dateForm = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}$`)

// Check reports whether the parts of a new version fit together. It does not look at
// the code itself or at other records.
func (v *Version) Check() error {
	if err := v.Limits.Check(); err != nil {
		return err
	}
	if d := v.CompatibilityDate; d != "" {
		if _, err := time.Parse(time.DateOnly, d); err != nil || !dateForm.MatchString(d) {
			return Errorf(BadValue, "compatibility_date %q is not a date of the form 2025-09-01", d)
		}
	}
	if size := v.CodeSize(); size > MaxCodeSize {
		return Errorf(CodeTooLarge, "the script is %d bytes, over the limit of %d bytes", size, MaxCodeSize)
	}
	seen := map[string]bool{}
	for _, m := range v.Modules {
		if m.Name == "" || seen[m.Name] {
			return Errorf(BadValue, "module name %q is empty or used twice", m.Name)
		}
		seen[m.Name] = true
	}
	for _, b := range v.Bindings {
		if b.Part != "" && !seen[b.Part] {
			return Errorf(BadBinding, "binding %q of type %q: there is no part named %q in the upload", b.Name, b.Type, b.Part)
		}
	}
	if v.Format == AssetsOnly {
		if v.Assets == nil {
			return Errorf(BadValue, "the upload has neither main_module nor body_part nor assets: there is nothing to run")
		}
		return nil
	}
	main := v.Module(v.Main)
	if main == nil {
		return Errorf(BadValue, "the main module %q is not among the uploaded parts", v.Main)
	}
	if v.Format == Modules && main.Type != ESModule {
		return Errorf(BadValue, "the main module %q must have the content type application/javascript+module", v.Main)
	}
	if v.Format == ServiceWorker && main.Type != ScriptFile {
		return Errorf(BadValue, "the script %q of service-worker format must have the content type application/javascript", v.Main)
	}
	return nil
}

// Digest computes the ETag that AddVersion will give v.
func (v *Version) Digest() string { return v.hash() }

// hash computes the ETag.
func (v *Version) hash() string {
	h := sha256.New()
	fmt.Fprintf(h, "%s\x00%s\x00", v.Format, v.Main)
	mods := slices.Clone(v.Modules)
	slices.SortFunc(mods, func(a, b Module) int {
		if a.Name < b.Name {
			return -1
		}
		return 1
	})
	for _, m := range mods {
		fmt.Fprintf(h, "%q %s %d\n", m.Name, m.Type, len(m.Content))
		h.Write(m.Content)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// AddVersion stores v as the newest version of its script, which must exist, and fills
// in ID, Number, CreatedOn and ETag. Bindings must be resolved. Versions beyond
// KeptVersions go.
func (tx *Tx) AddVersion(v *Version) error {
	s, err := tx.Script(v.Account, v.Script)
	if err != nil {
		return err
	}
	if err := v.Check(); err != nil {
		return err
	}
	if err := tx.checkBindings(v); err != nil {
		return err
	}
	v.ID, v.Number, v.CreatedOn, v.ETag = uuid.NewString(), s.Number+1, tx.now(), v.hash()
	// A transaction may run twice, so the caller's slice is not written to.
	v.Bindings = slices.Clone(v.Bindings)
	for i := range v.Bindings {
		b := &v.Bindings[i]
		if b.Type == SecretText && b.Sealed == nil {
			b.Sealed = tx.store.key.Seal(secretPlace(v, b), b.Secret)
		}
	}
	where := key(v.Account, v.Script, fmt.Sprintf("%08x", v.Number))
	if err := tx.put(bucketVersion, where, v); err != nil {
		return err
	}
	if err := tx.kv.Put(bucketVersionID, key(v.Account, v.Script, v.ID), []byte(where)); err != nil {
		return err
	}
	if err := tx.kv.Put(bucketCode, key(v.Account, v.Script, v.ETag), encodeModules(v.Modules)); err != nil {
		return err
	}
	for kind, data := range v.Artifacts {
		if err := tx.kv.Put(bucketArtifact, key(v.Account, v.Script, v.ETag, kind), data); err != nil {
			return err
		}
	}
	s.Number, s.Latest, s.ModifiedOn = v.Number, v.ID, v.CreatedOn
	if err := tx.saveScript(s); err != nil {
		return err
	}
	if err := tx.prune(s); err != nil {
		return err
	}
	tx.audit(v.Account, "version.create", v.Script, v.ID)
	tx.changed(Change{Kind: VersionAdded, Account: v.Account, Script: v.Script, ID: v.ID})
	return nil
}

func secretPlace(v *Version, b *Binding) string { return key(v.Account, v.Script, b.Name) }

// checkBindings refuses bindings to what does not exist in the account.
func (tx *Tx) checkBindings(v *Version) error {
	for i := range v.Bindings {
		b := &v.Bindings[i]
		switch b.Type {
		case KVNamespace:
			if _, err := tx.Namespace(v.Account, b.NamespaceID); isKind(err, UnknownNamespace) {
				return Errorf(UnresolvedReference, "binding %q: KV namespace %q not found", b.Name, b.NamespaceID)
			} else if err != nil {
				return err
			}
		case Service:
			if b.Service == v.Script {
				continue
			}
			if _, err := tx.Script(v.Account, b.Service); isKind(err, UnknownScript) {
				return Errorf(UnresolvedReference, "binding %q: the Worker %q that it refers to was not found", b.Name, b.Service)
			} else if err != nil {
				return err
			}
		case Assets:
			if v.Assets == nil {
				return Errorf(BadBinding, "binding %q of type %q: the upload has no assets", b.Name, b.Type)
			}
		}
	}
	return nil
}

// Version returns a version without its modules and with its secrets sealed.
func (tx *Tx) Version(account, script, id string) (*Version, error) {
	where, err := tx.raw(bucketVersionID, key(account, script, id))
	if err == kv.ErrNotFound {
		return nil, Errorf(UnknownVersion, "The version %q of the Worker %q does not exist", id, script)
	}
	if err != nil {
		return nil, err
	}
	v := new(Version)
	if err := tx.get(bucketVersion, string(where), v); err != nil {
		return nil, err
	}
	return v, nil
}

// Versions lists a script's versions, newest first, as Version returns them.
func (tx *Tx) Versions(account, script string) ([]*Version, error) {
	all, err := list[Version](tx, bucketVersion, prefix(account, script))
	slices.Reverse(all)
	return all, err
}

// LoadVersion returns a version with its modules and with its secrets opened.
func (tx *Tx) LoadVersion(account, script, id string) (*Version, error) {
	v, err := tx.Version(account, script, id)
	if err != nil {
		return nil, err
	}
	code, err := tx.raw(bucketCode, key(account, script, v.ETag))
	if err != nil {
		return nil, fmt.Errorf("script: code of version %s of %s: %w", id, script, err)
	}
	if v.Modules, err = decodeModules(code); err != nil {
		return nil, fmt.Errorf("script: code of version %s of %s: %w", id, script, err)
	}
	for i := range v.Bindings {
		b := &v.Bindings[i]
		if b.Type != SecretText {
			continue
		}
		if b.Secret, err = tx.store.key.Open(secretPlace(v, b), b.Sealed); err != nil {
			return nil, err
		}
	}
	return v, nil
}

// prune removes the versions beyond KeptVersions that are not deployed, with the code
// and deployments only they need.
func (tx *Tx) prune(s *Script) error {
	all, err := tx.Versions(s.Account, s.Name)
	if err != nil || len(all) <= KeptVersions {
		return err
	}
	active, err := tx.ActiveDeployment(s.Account, s.Name)
	if err != nil && !isKind(err, UnknownDeployment) {
		return err
	}
	gone := map[string]bool{}
	used := map[string]bool{}
	manifests := map[string]bool{}
	var drop []*Version
	for i, v := range all {
		if i < KeptVersions || active != nil && active.Has(v.ID) {
			used[v.ETag] = true
			if v.Assets != nil {
				manifests[v.Assets.Manifest] = true
			}
			continue
		}
		gone[v.ID] = true
		drop = append(drop, v)
	}
	for _, v := range drop {
		tx.remove(bucketVersion, key(s.Account, s.Name, fmt.Sprintf("%08x", v.Number)))
		tx.remove(bucketVersionID, key(s.Account, s.Name, v.ID))
		if !used[v.ETag] {
			tx.remove(bucketCode, key(s.Account, s.Name, v.ETag))
			if err := tx.clear(bucketArtifact, prefix(s.Account, s.Name, v.ETag)); err != nil {
				return err
			}
		}
		if v.Assets != nil && !manifests[v.Assets.Manifest] {
			tx.remove(bucketManifest, key(s.Account, s.Name, v.Assets.Manifest))
		}
	}
	return tx.pruneDeployments(s, gone)
}

// encodeModules packs modules: for each its name, type and content, each preceded by
// its length as a varint, behind a version byte.
func encodeModules(mods []Module) []byte {
	size := 1
	for _, m := range mods {
		size += len(m.Name) + len(m.Type) + len(m.Content) + 3*binary.MaxVarintLen64
	}
	out := append(make([]byte, 0, size), recordVersion)
	for _, m := range mods {
		for _, field := range [][]byte{[]byte(m.Name), []byte(m.Type), m.Content} {
			out = binary.AppendUvarint(out, uint64(len(field)))
			out = append(out, field...)
		}
	}
	return out
}

// decodeModules reads what encodeModules wrote. The contents alias data.
func decodeModules(data []byte) ([]Module, error) {
	if len(data) == 0 || data[0] != recordVersion {
		return nil, errDamaged
	}
	data = data[1:]
	var mods []Module
	for len(data) > 0 {
		var fields [3][]byte
		for i := range fields {
			n, width := binary.Uvarint(data)
			if width <= 0 || n > uint64(len(data)-width) {
				return nil, errDamaged
			}
			fields[i], data = data[width:width+int(n):width+int(n)], data[width+int(n):]
		}
		mods = append(mods, Module{Name: string(fields[0]), Type: ModuleType(fields[1]), Content: fields[2]})
	}
	return mods, nil
}
