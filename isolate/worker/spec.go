package worker

import (
	"github.com/mayfly-edge/mayfly/isolate"
)

// A Spec is what a version of a worker is, beside its code.
type Spec struct {
	Account, Script, Version string
	// Tag and Created (RFC 3339) are shown by a version_metadata binding.
	Tag, Created string
	Bindings     []Binding
	Limits       isolate.Limits
	// Data holds the uploaded data and WebAssembly modules by name.
	Data map[string][]byte
	// NodeCompat offers node: modules and the globals that go with them.
	NodeCompat bool
}

// A Kind is a kind of binding.
type Kind string

const (
	Text            Kind = "plain_text"  // Value is a string, for secrets too
	JSON            Kind = "json"        // Value is JSON text
	Data            Kind = "data_blob"   // Value becomes an ArrayBuffer
	Wasm            Kind = "wasm_module" // Value is compiled to a WebAssembly.Module
	KVNamespace     Kind = "kv_namespace"
	Service         Kind = "service" // a Fetcher for another worker, or for static assets
	VersionMetadata Kind = "version_metadata"
)

// A Binding is one property of env.
type Binding struct {
	Name  string
	Kind  Kind
	Value []byte
}
