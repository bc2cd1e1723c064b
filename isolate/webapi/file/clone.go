package file

import (
	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// Clone makes a blob serializable; clones share its bytes.
// https://w3c.github.io/FileAPI/#blob-section
func (b *Blob) Clone() (restore func(*webidl.Realm) (*goja.Object, error), err error) {
	data, kind := b.data, b.kind
	return func(js *webidl.Realm) (*goja.Object, error) { return NewBlob(data, kind).Wrap(js), nil }, nil
}

// Clone makes a file serializable; clones share its bytes.
// https://w3c.github.io/FileAPI/#file-section
func (f *File) Clone() (restore func(*webidl.Realm) (*goja.Object, error), err error) {
	data, kind, name, modified := f.data, f.kind, f.name, f.lastModified
	return func(js *webidl.Realm) (*goja.Object, error) { return NewFile(data, kind, name, modified).Wrap(js), nil }, nil
}
