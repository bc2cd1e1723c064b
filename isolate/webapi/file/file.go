package file

import (
	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// FileClass is the File interface: https://w3c.github.io/FileAPI/#dfn-file
var FileClass = &webidl.Class[*File]{
	Name:        "File",
	Extends:     BlobClass,
	Constructor: webidl.New3(newFile, blobParts, webidl.USVString, filePropertyBag),
	Members: []webidl.Member[*File]{
		webidl.ReadOnly("name", func(f *File, _ *webidl.Realm) (string, error) { return f.name, nil }),
		webidl.ReadOnly("lastModified", func(f *File, _ *webidl.Realm) (int64, error) { return f.lastModified, nil }),
	},
}

// A File is the implementation of [FileClass]: a blob with a name.
type File struct {
	Blob
	name         string
	lastModified int64
}

// NewFile returns a file of data, which nobody may change afterwards, with the type kind
// as it stands. lastModified is in milliseconds since the Unix epoch.
func NewFile(data []byte, kind, name string, lastModified int64) *File {
	return &File{Blob{data: data, kind: kind}, name, lastModified}
}

// Name returns the file's name.
func (f *File) Name() string { return f.name }

// LastModified returns when the file last changed, in milliseconds since the Unix epoch.
func (f *File) LastModified() int64 { return f.lastModified }

// Wrap implements webidl.Wrapper.
func (f *File) Wrap(js *webidl.Realm) *goja.Object { return FileClass.Wrap(js, f) }

// newFile: https://w3c.github.io/FileAPI/#file-constructor
func newFile(js *webidl.Realm, parts []part, name string, options propertyBag) (*File, error) {
	// 1.
	data, err := join(parts, options.native)
	if err != nil {
		return nil, err
	}
	// 2-5.
	modified := options.lastModified.Value
	if !options.lastModified.Set {
		modified = now(js)
	}
	return NewFile(data, normalizeType(options.kind), name, modified), nil
}

// now is the present for a file that does not say when it changed.
func now(js *webidl.Realm) int64 { return js.Loop.Clock().Now().UnixMilli() }
