package clone

import (
	"encoding/binary"
	"errors"
	"math"
	"math/big"
	"strconv"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

var errMalformed = errors.New("malformed structured clone data")

// reader is https://html.spec.whatwg.org/#structureddeserialize
type reader struct {
	js          *webidl.Realm
	b           []byte
	message     *Message
	transferred []*goja.Object
	seen        []*goja.Object // memory
}

func (r *reader) count() (int, error) {
	n, size := binary.Uvarint(r.b)
	if size <= 0 || n > math.MaxInt32*2 {
		return 0, errMalformed
	}
	r.b = r.b[size:]
	return int(n), nil
}

// items reads the number of things that follow, each of which takes at least one byte.
func (r *reader) items() (int, error) {
	n, err := r.count()
	if err == nil && n > len(r.b) {
		err = errMalformed
	}
	return n, err
}

func (r *reader) bytes() ([]byte, error) {
	n, err := r.items()
	if err != nil {
		return nil, err
	}
	b := r.b[:n:n]
	r.b = r.b[n:]
	return b, nil
}

func (r *reader) text() (string, error) {
	b, err := r.bytes()
	return string(b), err
}

func (r *reader) eight() (uint64, error) {
	if len(r.b) < 8 {
		return 0, errMalformed
	}
	n := binary.LittleEndian.Uint64(r.b)
	r.b = r.b[8:]
	return n, nil
}

// keep gives an object its number. It must be called before what is inside is read.
func (r *reader) keep(o *goja.Object) *goja.Object {
	if len(r.seen)%256 == 255 {
		r.js.Checkpoint()
	}
	r.seen = append(r.seen, o)
	return o
}

func (r *reader) value(depth int) (goja.Value, error) {
	if len(r.b) == 0 || depth > MaxDepth {
		return nil, errMalformed
	}
	t := tag(r.b[0])
	r.b = r.b[1:]
	vm := r.js.VM
	switch t {
	case tagUndefined:
		return goja.Undefined(), nil
	case tagNull:
		return goja.Null(), nil
	case tagTrue, tagFalse:
		return vm.ToValue(t == tagTrue), nil
	case tagInt:
		n, size := binary.Varint(r.b)
		if size <= 0 {
			return nil, errMalformed
		}
		r.b = r.b[size:]
		return vm.ToValue(n), nil
	case tagDouble:
		bits, err := r.eight()
		return vm.ToValue(math.Float64frombits(bits)), err
	case tagBigInt:
		s, err := r.text()
		if err != nil {
			return nil, err
		}
		if len(s) > 1<<20 {
			return nil, errMalformed
		}
		n, ok := new(big.Int).SetString(s, 10)
		if !ok {
			return nil, errMalformed
		}
		return vm.ToValue(n), nil
	case tagString:
		s, err := r.text()
		return r.js.String(s), err
	case tagString16:
		b, err := r.bytes()
		if err != nil || len(b)%2 != 0 {
			return nil, errMalformed
		}
		units := make([]uint16, len(b)/2)
		for i := range units {
			units[i] = binary.LittleEndian.Uint16(b[2*i:])
		}
		return goja.StringFromUTF16(units), nil
	case tagSeen:
		n, err := r.count()
		if err != nil || n >= len(r.seen) || r.seen[n] == nil {
			return nil, errMalformed
		}
		return r.seen[n], nil
	case tagTransferred:
		n, err := r.count()
		if err != nil || n >= len(r.transferred) {
			return nil, errMalformed
		}
		return r.transferred[n], nil
	}
	return r.object(t, depth)
}

func (r *reader) object(t tag, depth int) (goja.Value, error) {
	switch t {
	case tagBoxed:
		v, err := r.value(depth + 1)
		if err != nil {
			return nil, err
		}
		return r.keep(v.ToObject(r.js.VM)), nil
	case tagDate:
		bits, err := r.eight()
		if err != nil {
			return nil, err
		}
		return r.construct("Date", r.js.VM.ToValue(math.Float64frombits(bits)))
	case tagRegExp:
		source, err := r.text()
		if err != nil {
			return nil, err
		}
		flags, err := r.text()
		if err != nil {
			return nil, err
		}
		return r.construct("RegExp", r.js.String(source), r.js.String(flags))
	case tagMap:
		return r.mapping(depth)
	case tagSet:
		return r.set(depth)
	case tagObject:
		o := r.keep(r.js.VM.NewObject())
		return o, r.properties(o, depth)
	case tagArray:
		return r.array(depth)
	case tagSparse:
		n, err := r.count()
		if err != nil || n > math.MaxUint32 {
			return nil, errMalformed
		}
		o, err := r.construct("Array", r.js.VM.ToValue(n))
		if err != nil {
			return nil, err
		}
		return o, r.properties(o, depth)
	case tagError:
		return r.failure(depth)
	case tagException:
		name, err := r.text()
		if err != nil {
			return nil, err
		}
		message, err := r.text()
		if err != nil {
			return nil, err
		}
		return r.keep(r.js.NewDOMException(name, message).(*goja.Object)), nil
	case tagBuffer:
		b, err := r.bytes()
		if err != nil {
			return nil, err
		}
		return r.keep(r.js.ArrayBuffer(append([]byte(nil), b...))), nil
	case tagView:
		return r.view(depth)
	case tagHeld:
		n, err := r.count()
		if err != nil || n >= len(r.message.held) {
			return nil, errMalformed
		}
		o, err := r.message.held[n](r.js)
		if err != nil {
			return nil, err
		}
		return r.keep(o), nil
	}
	return nil, errMalformed
}

// construct makes an object with a constructor of the engine's.
func (r *reader) construct(class string, args ...goja.Value) (*goja.Object, error) {
	o, err := r.js.VM.New(r.js.Global(class), args...)
	if err != nil {
		return nil, err
	}
	return r.keep(o), nil
}

func define(o *goja.Object, key string, v goja.Value) error {
	return o.DefineDataProperty(key, v, goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_TRUE)
}

func (r *reader) properties(o *goja.Object, depth int) error {
	if len(r.b) < 4 {
		return errMalformed
	}
	n := int(binary.LittleEndian.Uint32(r.b))
	r.b = r.b[4:]
	if n > len(r.b) {
		return errMalformed
	}
	for range n {
		key, err := r.text()
		if err != nil {
			return err
		}
		v, err := r.value(depth + 1)
		if err != nil {
			return err
		}
		if err := define(o, key, v); err != nil {
			return err
		}
	}
	return nil
}

func (r *reader) array(depth int) (goja.Value, error) {
	n, err := r.items()
	if err != nil {
		return nil, err
	}
	o := r.keep(r.js.VM.NewArray())
	for i := range n {
		if len(r.b) > 0 && tag(r.b[0]) == tagHole {
			r.b = r.b[1:]
			if i == n-1 { // nothing after it makes the array long enough
				if err := o.Set("length", n); err != nil {
					return nil, err
				}
			}
			continue
		}
		v, err := r.value(depth + 1)
		if err != nil {
			return nil, err
		}
		if err := define(o, strconv.Itoa(i), v); err != nil {
			return nil, err
		}
	}
	return o, r.properties(o, depth)
}

func (r *reader) mapping(depth int) (goja.Value, error) {
	n, err := r.items()
	if err != nil {
		return nil, err
	}
	o, err := r.construct("Map")
	if err != nil {
		return nil, err
	}
	set, ok := goja.AssertFunction(o.Get("set"))
	if !ok {
		return nil, errMalformed
	}
	for range n {
		k, err := r.value(depth + 1)
		if err != nil {
			return nil, err
		}
		v, err := r.value(depth + 1)
		if err != nil {
			return nil, err
		}
		if _, err := set(o, k, v); err != nil {
			return nil, err
		}
	}
	return o, nil
}

func (r *reader) set(depth int) (goja.Value, error) {
	n, err := r.items()
	if err != nil {
		return nil, err
	}
	o, err := r.construct("Set")
	if err != nil {
		return nil, err
	}
	add, ok := goja.AssertFunction(o.Get("add"))
	if !ok {
		return nil, errMalformed
	}
	for range n {
		v, err := r.value(depth + 1)
		if err != nil {
			return nil, err
		}
		if _, err := add(o, v); err != nil {
			return nil, err
		}
	}
	return o, nil
}

func (r *reader) failure(depth int) (goja.Value, error) {
	name, err := r.text()
	if err != nil || !errorNames[name] {
		return nil, errMalformed
	}
	o, err := r.construct(name)
	if err != nil {
		return nil, err
	}
	for _, field := range []string{"message", "stack", "cause"} {
		if len(r.b) > 0 && tag(r.b[0]) == tagHole {
			r.b = r.b[1:]
			continue
		}
		v, err := r.value(depth + 1)
		if err != nil {
			return nil, err
		}
		if err := o.DefineDataProperty(field, v, goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_FALSE); err != nil {
			return nil, err
		}
	}
	return o, nil
}

func (r *reader) view(depth int) (goja.Value, error) {
	kind, err := r.text()
	if err != nil {
		return nil, err
	}
	size := elementSize(kind)
	offset, err := r.count()
	if err != nil || size == 0 {
		return nil, errMalformed
	}
	length, err := r.count()
	if err != nil {
		return nil, err
	}
	v, err := r.value(depth + 1)
	if err != nil {
		return nil, err
	}
	buffer, ok := v.(*goja.Object)
	if !ok {
		return nil, errMalformed
	}
	b, ok := buffer.Export().(goja.ArrayBuffer)
	if !ok || offset%size != 0 || length > math.MaxInt32 || offset+length*size > len(b.Bytes()) {
		return nil, errMalformed
	}
	return r.keep(r.js.NewView(kind, buffer, offset, length)), nil
}

func elementSize(kind string) int {
	switch kind {
	case "Int8Array", "Uint8Array", "Uint8ClampedArray", "DataView":
		return 1
	case "Int16Array", "Uint16Array":
		return 2
	case "Int32Array", "Uint32Array", "Float32Array":
		return 4
	case "Float64Array", "BigInt64Array", "BigUint64Array":
		return 8
	}
	return 0
}
