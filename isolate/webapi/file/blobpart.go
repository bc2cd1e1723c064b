package file

import (
	"strings"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// A part is a BlobPart: bytes of a buffer or a blob, or text.
type part struct {
	bytes  []byte
	text   string
	isText bool
	shared bool // the bytes are those of a blob
}

func (p *part) size() int {
	if p.isText {
		return len(p.text)
	}
	return len(p.bytes)
}

// blobPart is (BufferSource or Blob or USVString).
var blobPart = webidl.NewType("BlobPart", func(js *webidl.Realm, v goja.Value) (part, error) {
	if o, ok := v.(*goja.Object); ok {
		if b, ok := webidl.As[AnyBlob](v); ok {
			return part{bytes: b.blob().data, shared: true}, nil
		}
		if b, ok := js.BytesOf(o); ok {
			return part{bytes: b}, nil
		}
	}
	s, err := webidl.USVString.Convert(js, v)
	return part{text: s, isText: true}, err
})

var blobParts = webidl.Sequence(blobPart)

// propertyBag is BlobPropertyBag and FilePropertyBag.
type propertyBag struct {
	kind         string
	native       bool // endings
	lastModified webidl.Opt[int64]
}

var endings = webidl.Enum("EndingType", "transparent", "native")

var bagFields = []webidl.Field[propertyBag]{
	webidl.Has("type", webidl.DOMString, func(b *propertyBag) *string { return &b.kind }),
	webidl.Has("endings", webidl.NewType("EndingType", func(js *webidl.Realm, v goja.Value) (bool, error) {
		s, err := endings.Convert(js, v)
		return s == "native", err
	}), func(b *propertyBag) *bool { return &b.native }),
}

var (
	blobPropertyBag = webidl.Dict("BlobPropertyBag", propertyBag{}, bagFields...)
	filePropertyBag = webidl.Dict("FilePropertyBag", propertyBag{}, append(bagFields,
		webidl.May("lastModified", webidl.LongLong, func(b *propertyBag) *webidl.Opt[int64] { return &b.lastModified }))...)
)

// join is "process blob parts": https://w3c.github.io/FileAPI/#process-blob-parts
func join(parts []part, native bool) ([]byte, error) {
	if len(parts) == 1 && parts[0].shared {
		return parts[0].bytes, nil
	}
	size := 0
	for i := range parts {
		if parts[i].isText && native {
			parts[i].text = nativeEndings(parts[i].text)
		}
		// Parts may be the same bytes many times over, so the sum is bounded as it grows.
		if size += parts[i].size(); size > MaxSize {
			return nil, webidl.RangeError("The blob would be larger than %d bytes.", MaxSize)
		}
	}
	data := make([]byte, 0, size)
	for i := range parts {
		if parts[i].isText {
			data = append(data, parts[i].text...)
		} else {
			data = append(data, parts[i].bytes...)
		}
	}
	return data, nil
}

var lineEndings = strings.NewReplacer("\r\n", "\n", "\r", "\n")

// nativeEndings: https://w3c.github.io/FileAPI/#convert-line-endings-to-native
func nativeEndings(s string) string {
	if strings.IndexByte(s, '\r') < 0 {
		return s
	}
	return lineEndings.Replace(s)
}
