package clone

import (
	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// Limits of one message.
const (
	MaxDepth = 2000      // objects within objects
	MaxSize  = 128 << 20 // bytes within a process
	MaxBytes = 32 << 20  // bytes of Serialize and Deserialize
)

// A Message is a value outside any realm: the standard's serialized record. It can be
// read once if it holds transferred objects, otherwise as often as one likes.
type Message struct {
	data        []byte
	held        []restore // what is not bytes
	transferred []restore // in the order of the transfer list
}

// restore makes an object in a realm.
type restore func(*webidl.Realm) (*goja.Object, error)

// Cloneable is implemented by platform objects that are serializable
// (https://html.spec.whatwg.org/#serializable-objects), such as blobs.
type Cloneable interface {
	// Clone returns a function that makes the clone in a realm. It must not refer to
	// the object's own realm.
	Clone() (restore func(*webidl.Realm) (*goja.Object, error), err error)
}

// Transferable is implemented by platform objects that can be transferred
// (https://html.spec.whatwg.org/#transferable-objects), such as message ports and streams.
type Transferable interface {
	// Transferable reports why the object cannot be transferred now, if so.
	Transferable() error
	// Transfer takes the object out of service and returns a function that makes its
	// successor in a realm.
	Transfer(js *webidl.Realm) (restore func(*webidl.Realm) (*goja.Object, error), err error)
}

// Write is StructuredSerializeWithTransfer: https://html.spec.whatwg.org/#structuredserializewithtransfer
func Write(js *webidl.Realm, v goja.Value, transfer []goja.Value) (*Message, error) {
	w := &writer{js: js, limit: MaxSize, message: &Message{}}
	// 2. For each transferable of transferList: none twice, and all transferable.
	for i, t := range transfer {
		o, ok := t.(*goja.Object)
		if !ok {
			return nil, webidl.DOMError("DataCloneError", "Value at index %d does not have a transferable type.", i)
		}
		if _, twice := w.moved[o]; twice {
			return nil, webidl.DOMError("DataCloneError", "Object at index %d is a duplicate of an earlier one.", i)
		}
		if err := transferable(o, i); err != nil {
			return nil, err
		}
		if w.moved == nil {
			w.moved = map[*goja.Object]int{}
		}
		w.moved[o] = i
	}
	// 3. Serialize.
	if err := w.write(v); err != nil {
		return nil, err
	}
	// 5. Transfer. What the getters of the value have done meanwhile is checked anew.
	for i, t := range transfer {
		o := t.(*goja.Object)
		if err := transferable(o, i); err != nil {
			return nil, err
		}
		r, err := move(js, o)
		if err != nil {
			return nil, err
		}
		w.message.transferred = append(w.message.transferred, r)
	}
	w.message.data = w.b
	return w.message, nil
}

func transferable(o *goja.Object, i int) error {
	if b, ok := o.Export().(goja.ArrayBuffer); ok {
		if b.Detached() {
			return webidl.DOMError("DataCloneError", "An ArrayBuffer is detached and could not be cloned.")
		}
		return nil
	}
	if t, ok := webidl.As[Transferable](o); ok {
		if err := t.Transferable(); err != nil {
			return webidl.DOMError("DataCloneError", "%s", err.Error())
		}
		return nil
	}
	return webidl.DOMError("DataCloneError", "Value at index %d does not have a transferable type.", i)
}

func move(js *webidl.Realm, o *goja.Object) (restore, error) {
	if b, ok := o.Export().(goja.ArrayBuffer); ok {
		bytes := b.Bytes()
		b.Detach()
		return func(js *webidl.Realm) (*goja.Object, error) { return js.ArrayBuffer(bytes), nil }, nil
	}
	t, _ := webidl.As[Transferable](o)
	return t.Transfer(js)
}

// Read is StructuredDeserializeWithTransfer: it makes the value, and the transferred
// objects in the order in which they were given, in js.
func (m *Message) Read(js *webidl.Realm) (v goja.Value, transferred []goja.Value, err error) {
	r := &reader{js: js, b: m.data, message: m}
	for _, restore := range m.transferred {
		o, err := restore(js)
		if err != nil {
			return nil, nil, err
		}
		r.transferred = append(r.transferred, o)
		transferred = append(transferred, o)
	}
	v, err = r.value(0)
	return v, transferred, err
}

// Size returns the number of bytes of the message's data.
func (m *Message) Size() int { return len(m.data) }

// Serialize returns v as bytes. A value that cannot be bytes is a DataCloneError.
func Serialize(js *webidl.Realm, v goja.Value) ([]byte, error) {
	w := &writer{js: js, limit: MaxBytes, message: &Message{}, bytesOnly: true}
	if err := w.write(v); err != nil {
		return nil, err
	}
	return w.b, nil
}

// Deserialize makes the value of which b are the bytes. b need not come from
// Serialize: anything else is an error.
func Deserialize(js *webidl.Realm, b []byte) (v goja.Value, err error) {
	if len(b) > MaxBytes {
		return nil, errMalformed
	}
	r := &reader{js: js, b: b, message: &Message{}}
	if failure := js.Catch(func() { v, err = r.value(0) }); failure != nil {
		return nil, failure
	}
	if err == nil && len(r.b) > 0 {
		err = errMalformed
	}
	if err != nil {
		return nil, err
	}
	return v, nil
}
