package file

import (
	"encoding/base64"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webapi/dom"
	"github.com/mayfly-edge/mayfly/isolate/webapi/encoding"
	"github.com/mayfly-edge/mayfly/isolate/webapi/mimesniff"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// States of a FileReader.
const (
	readerEmpty = iota
	readerLoading
	readerDone
)

type fileReader struct {
	dom.EventTarget
	state  int
	result goja.Value // null until a read is done
	err    goja.Value
	read   *read // under way
}

// A read is one read operation. What it has queued does nothing once it is not its
// reader's any more.
type read struct {
	blob   *Blob
	result func(js *webidl.Realm, b *Blob) goja.Value
}

// Wrap implements dom.Target.
func (r *fileReader) Wrap(js *webidl.Realm) *goja.Object { return FileReaderClass.Wrap(js, r) }

// FileReaderClass is the FileReader interface: https://w3c.github.io/FileAPI/#dfn-filereader
var FileReaderClass = &webidl.Class[*fileReader]{
	Name:        "FileReader",
	Extends:     dom.EventTargetClass,
	Constructor: webidl.New0(func(*webidl.Realm) (*fileReader, error) { return &fileReader{}, nil }),
	Members: []webidl.Member[*fileReader]{
		webidl.Proc1("readAsArrayBuffer", func(r *fileReader, js *webidl.Realm, b AnyBlob) error {
			return r.start(js, b, func(js *webidl.Realm, b *Blob) goja.Value { return js.ArrayBuffer(b.copy()) })
		}, blobType),
		webidl.Proc1("readAsBinaryString", func(r *fileReader, js *webidl.Realm, b AnyBlob) error {
			return r.start(js, b, func(js *webidl.Realm, b *Blob) goja.Value { return js.ByteString(webidl.Bytes(b.data)) })
		}, blobType),
		webidl.Proc2("readAsText", func(r *fileReader, js *webidl.Realm, b AnyBlob, label webidl.Opt[string]) error {
			return r.start(js, b, func(js *webidl.Realm, b *Blob) goja.Value { return js.String(b.decode(label.Value)) })
		}, blobType, webidl.Optional(webidl.DOMString)),
		webidl.Proc1("readAsDataURL", func(r *fileReader, js *webidl.Realm, b AnyBlob) error {
			return r.start(js, b, func(js *webidl.Realm, b *Blob) goja.Value { return js.String(b.dataURL()) })
		}, blobType),
		webidl.Proc0("abort", (*fileReader).abort),
		webidl.Const[*fileReader]("EMPTY", readerEmpty),
		webidl.Const[*fileReader]("LOADING", readerLoading),
		webidl.Const[*fileReader]("DONE", readerDone),
		webidl.ReadOnly("readyState", func(r *fileReader, _ *webidl.Realm) (int, error) { return r.state, nil }),
		webidl.ReadOnly("result", func(r *fileReader, _ *webidl.Realm) (goja.Value, error) { return r.result, nil }),
		webidl.ReadOnly("error", func(r *fileReader, _ *webidl.Realm) (goja.Value, error) { return r.err, nil }),
		dom.EventHandler[*fileReader]("loadstart"),
		dom.EventHandler[*fileReader]("progress"),
		dom.EventHandler[*fileReader]("load"),
		dom.EventHandler[*fileReader]("abort"),
		dom.EventHandler[*fileReader]("error"),
		dom.EventHandler[*fileReader]("loadend"),
	},
}

var blobType = webidl.NewType("Blob", func(_ *webidl.Realm, v goja.Value) (AnyBlob, error) {
	b, ok := webidl.As[AnyBlob](v)
	if !ok {
		return nil, webidl.TypeError("parameter 1 is not of type 'Blob'.")
	}
	return b, nil
})

// start is https://w3c.github.io/FileAPI/#readOperation for a blob that is in memory: all
// of it comes in one chunk.
func (r *fileReader) start(js *webidl.Realm, b AnyBlob, result func(*webidl.Realm, *Blob) goja.Value) error {
	// 1. If fr's state is "loading", throw an InvalidStateError.
	if r.state == readerLoading {
		return webidl.DOMError("InvalidStateError", "The object is already busy reading Blobs.")
	}
	// 2-4.
	op := &read{blob: b.blob(), result: result}
	r.state, r.result, r.err, r.read = readerLoading, nil, nil, op
	queue := func(f func()) {
		js.Loop.Post(js.Task(func() {
			if r.read == op {
				f()
			}
		}))
	}
	size := len(op.blob.data)
	// 10.2. Once bytes can be read, fire loadstart.
	queue(func() { r.fire(js, "loadstart", 0, size) })
	// 10.3. For a chunk fire progress.
	if size > 0 {
		queue(func() { r.fire(js, "progress", size, size) })
	}
	// 10.5. At the end of the stream:
	queue(func() {
		// 1-3. Packaging what is in memory cannot fail.
		r.state, r.read = readerDone, nil
		r.result = op.result(js, op.blob)
		r.fire(js, "load", size, size)
		// 5. A listener may have begun another read, which ends with a loadend of its own.
		if r.state != readerLoading {
			r.fire(js, "loadend", size, size)
		}
	})
	return nil
}

// abort: https://w3c.github.io/FileAPI/#dfn-abort
func (r *fileReader) abort(js *webidl.Realm) error {
	// 1. and 2.
	r.result = nil
	if r.state != readerLoading {
		return nil
	}
	// 3. and 4. What the read has queued finds that it is not under way any more.
	r.state, r.read = readerDone, nil
	// 5.
	r.fire(js, "abort", 0, 0)
	// 6.
	if r.state != readerLoading {
		r.fire(js, "loadend", 0, 0)
	}
	return nil
}

// fire is https://xhr.spec.whatwg.org/#concept-event-fire-progress
func (r *fileReader) fire(js *webidl.Realm, typ string, loaded, total int) {
	if r.HasListener(typ) {
		dom.Dispatch(js, r, dom.NewProgressEvent(js, typ, dom.ProgressEventInit{
			LengthComputable: total != 0, Loaded: float64(loaded), Total: float64(total),
		}))
	}
}

// decode is the text of the blob: https://w3c.github.io/FileAPI/#packaging-data
func (b *Blob) decode(label string) string {
	// 1-4. The encoding is the label's, that of the type's charset, or UTF-8.
	e := encoding.Lookup(label)
	if e == nil {
		if t, err := mimesniff.Parse(b.kind); err == nil {
			charset, _ := t.Parameter("charset")
			e = encoding.Lookup(charset)
		}
	}
	if e == nil {
		e = encoding.UTF8
	}
	// 5. Decode: a byte order mark says more than all of that.
	if marked := encoding.Sniff(b.data); marked != nil {
		e = marked
	}
	d := encoding.Decoder{Encoding: e}
	s, _ := d.Decode(b.data, true) // fails only if told to
	return s
}

// dataURL is the blob as a data: URL.
func (b *Blob) dataURL() string {
	kind := b.kind
	if kind == "" {
		kind = "application/octet-stream"
	}
	return "data:" + kind + ";base64," + base64.StdEncoding.EncodeToString(b.data)
}
