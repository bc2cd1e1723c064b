package file

import (
	"slices"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// FormDataClass is the FormData interface: https://xhr.spec.whatwg.org/#interface-formdata
var FormDataClass = &webidl.Class[*FormData]{
	Name:        "FormData",
	Constructor: webidl.New2(newFormData, webidl.OptionalAny, webidl.OptionalAny),
	Members: []webidl.Member[*FormData]{
		webidl.ProcN("append", 2, (*FormData).append),
		webidl.Proc1("delete", (*FormData).delete, webidl.USVString),
		webidl.Op1("get", (*FormData).get, webidl.USVString),
		webidl.Op1("getAll", (*FormData).getAll, webidl.USVString),
		webidl.Op1("has", (*FormData).has, webidl.USVString),
		webidl.ProcN("set", 2, (*FormData).set),
		webidl.Iterable((*FormData).at),
	},
}

// A FormData is the implementation of [FormDataClass]: an entry list. The zero value is
// an empty one.
type FormData struct {
	webidl.Handle
	entries []Entry
}

// An Entry is one entry of a form: a text, or a file if that is not nil.
// https://html.spec.whatwg.org/multipage/form-control-infrastructure.html#form-entry
type Entry struct {
	Name string
	Text string
	File *File
}

// NewFormData returns a form that owns entries.
func NewFormData(entries []Entry) *FormData { return &FormData{entries: entries} }

// Entries returns the form's entries, which must not be changed.
func (f *FormData) Entries() []Entry { return f.entries }

// Wrap implements webidl.Wrapper.
func (f *FormData) Wrap(js *webidl.Realm) *goja.Object { return FormDataClass.Wrap(js, f) }

// newFormData: https://xhr.spec.whatwg.org/#dom-formdata. There are no forms here that
// it could be given.
func newFormData(_ *webidl.Realm, form, submitter goja.Value) (*FormData, error) {
	if !goja.IsUndefined(form) {
		return nil, webidl.TypeError("parameter 1 is not of type 'HTMLFormElement'.")
	}
	if !goja.IsUndefined(submitter) && !goja.IsNull(submitter) {
		return nil, webidl.TypeError("parameter 2 is not of type 'HTMLElement'.")
	}
	return new(FormData), nil
}

// entry converts the arguments of append and set, whose overloads are (name, string
// value) and (name, Blob value, optional string filename), and creates an entry:
// https://html.spec.whatwg.org/multipage/form-control-infrastructure.html#create-an-entry
func entry(js *webidl.Realm, args []goja.Value) (e Entry, err error) {
	if e.Name, err = webidl.USVString.Convert(js, args[0]); err != nil {
		return e, err
	}
	b, isBlob := webidl.As[AnyBlob](args[1])
	if !isBlob {
		if len(args) > 2 {
			return e, webidl.TypeError("parameter 2 is not of type 'Blob'.")
		}
		e.Text, err = webidl.USVString.Convert(js, args[1])
		return e, err
	}
	file, isFile := b.(*File)
	if isFile {
		e.File = file
	} else {
		e.File = &File{Blob{data: b.blob().data, kind: b.blob().kind}, "blob", now(js)}
	}
	if len(args) > 2 && !goja.IsUndefined(args[2]) {
		name, err := webidl.USVString.Convert(js, args[2])
		if err != nil {
			return e, err
		}
		e.File = &File{Blob{data: e.File.data, kind: e.File.kind}, name, e.File.lastModified}
	}
	return e, nil
}

// value is the entry as scripts see it.
func (e *Entry) value(js *webidl.Realm) goja.Value {
	if e.File != nil {
		return e.File.Wrap(js)
	}
	return js.String(e.Text)
}

// append: https://xhr.spec.whatwg.org/#dom-formdata-append
func (f *FormData) append(js *webidl.Realm, args []goja.Value) error {
	e, err := entry(js, args)
	if err == nil {
		f.entries = append(f.entries, e)
	}
	return err
}

// delete: https://xhr.spec.whatwg.org/#dom-formdata-delete
func (f *FormData) delete(_ *webidl.Realm, name string) error {
	f.entries = slices.DeleteFunc(f.entries, func(e Entry) bool { return e.Name == name })
	return nil
}

// get: https://xhr.spec.whatwg.org/#dom-formdata-get
func (f *FormData) get(js *webidl.Realm, name string) (goja.Value, error) {
	for i := range f.entries {
		if f.entries[i].Name == name {
			return f.entries[i].value(js), nil
		}
	}
	return goja.Null(), nil
}

// getAll: https://xhr.spec.whatwg.org/#dom-formdata-getall
func (f *FormData) getAll(js *webidl.Realm, name string) (*goja.Object, error) {
	values := []any{}
	for i := range f.entries {
		if f.entries[i].Name == name {
			values = append(values, f.entries[i].value(js))
		}
	}
	return js.VM.NewArray(values...), nil
}

// has: https://xhr.spec.whatwg.org/#dom-formdata-has
func (f *FormData) has(_ *webidl.Realm, name string) (bool, error) {
	return slices.ContainsFunc(f.entries, func(e Entry) bool { return e.Name == name }), nil
}

// set: https://xhr.spec.whatwg.org/#dom-formdata-set
func (f *FormData) set(js *webidl.Realm, args []goja.Value) error {
	// 1-2.
	e, err := entry(js, args)
	if err != nil {
		return err
	}
	// 3. The first entry of the name is replaced and the others are removed.
	first := slices.IndexFunc(f.entries, func(old Entry) bool { return old.Name == e.Name })
	if first < 0 {
		f.entries = append(f.entries, e)
		return nil
	}
	f.entries[first] = e
	rest := slices.DeleteFunc(f.entries[first+1:], func(old Entry) bool { return old.Name == e.Name })
	f.entries = f.entries[:first+1+len(rest)]
	return nil
}

func (f *FormData) at(js *webidl.Realm, i int) (key, value goja.Value, ok bool) {
	if i >= len(f.entries) {
		return nil, nil, false
	}
	return js.String(f.entries[i].Name), f.entries[i].value(js), true
}

// FetchBody is what the form is as the body of a request or a response.
// https://fetch.spec.whatwg.org/#concept-bodyinit-extract
func (f *FormData) FetchBody(*webidl.Realm) (data []byte, contentType string, err error) {
	parts := make([]Part, len(f.entries))
	for i, e := range f.entries {
		if e.File == nil {
			parts[i] = Part{Name: e.Name, Data: []byte(e.Text)}
			continue
		}
		parts[i] = Part{Name: e.Name, Data: e.File.data, IsFile: true, Filename: e.File.name, ContentType: e.File.kind}
	}
	boundary := NewBoundary()
	size := multipartSize(boundary, parts)
	if size > MaxSize {
		return nil, "", webidl.RangeError("The form data would be larger than %d bytes.", MaxSize)
	}
	return AppendMultipart(make([]byte, 0, size), boundary, parts), "multipart/form-data; boundary=" + boundary, nil
}

// ParseFormData makes a form of a multipart/form-data body, which nobody may change
// afterwards: files share it.
// https://fetch.spec.whatwg.org/#dom-body-formdata
func ParseFormData(js *webidl.Realm, body []byte, boundary string) (*FormData, error) {
	parts, err := ParseMultipart(body, boundary)
	if err != nil {
		return nil, err
	}
	f := &FormData{entries: make([]Entry, len(parts))}
	for i, p := range parts {
		e := Entry{Name: p.Name}
		if p.IsFile {
			kind := p.ContentType
			if kind == "" {
				kind = "text/plain"
			}
			e.File = NewFile(p.Data, kind, p.Filename, now(js))
		} else {
			e.Text = decodeUTF8(p.Data, true)
		}
		f.entries[i] = e
	}
	return f, nil
}
