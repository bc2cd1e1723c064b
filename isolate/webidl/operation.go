package webidl

import "github.com/dop251/goja"

// Undefined is the result of an operation that has none.
type Undefined struct{}

// result returns the conversion of a Go result to JavaScript, chosen once per member.
func result[R any]() func(*Realm, R) goja.Value {
	var f any
	switch any((*R)(nil)).(type) {
	case *Undefined:
		f = func(*Realm, Undefined) goja.Value { return goja.Undefined() }
	case *goja.Value:
		f = func(_ *Realm, v goja.Value) goja.Value {
			if v == nil {
				return goja.Null()
			}
			return v
		}
	case **goja.Object:
		f = func(_ *Realm, o *goja.Object) goja.Value {
			if o == nil {
				return goja.Null()
			}
			return o
		}
	case **Promise:
		f = func(_ *Realm, p *Promise) goja.Value { return p.value }
	case *string:
		f = (*Realm).String
	case *Bytes:
		f = (*Realm).ByteString
	case *bool:
		f = func(js *Realm, b bool) goja.Value { return js.VM.ToValue(b) }
	case *int:
		f = func(js *Realm, n int) goja.Value { return js.VM.ToValue(n) }
	case *int64:
		f = func(js *Realm, n int64) goja.Value { return js.VM.ToValue(n) }
	case *uint16:
		f = func(js *Realm, n uint16) goja.Value { return js.VM.ToValue(n) }
	case *float64:
		f = func(js *Realm, n float64) goja.Value { return js.VM.ToValue(n) }
	case *[]string:
		f = func(js *Realm, list []string) goja.Value { return js.Strings(list) }
	case *Opt[string]:
		f = func(js *Realm, s Opt[string]) goja.Value {
			if !s.Set {
				return goja.Null()
			}
			return js.String(s.Value)
		}
	case *Opt[Bytes]:
		f = func(js *Realm, s Opt[Bytes]) goja.Value {
			if !s.Set {
				return goja.Null()
			}
			return js.ByteString(s.Value)
		}
	case *Opt[int]:
		f = func(js *Realm, n Opt[int]) goja.Value {
			if !n.Set {
				return goja.Null()
			}
			return js.VM.ToValue(n.Value)
		}
	default:
		panic("webidl: a member returns a Go type that has no JavaScript conversion; return goja.Value instead")
	}
	return f.(func(*Realm, R) goja.Value)
}

func returnsPromise[R any]() bool {
	_, ok := any((*R)(nil)).(**Promise)
	return ok
}

// required counts the leading arguments that a caller must give.
func required(optional ...bool) int {
	for i, o := range optional {
		if o {
			return i
		}
	}
	return len(optional)
}

func operation[T, R any](name string, length int, call func(js *Realm, this T, args []goja.Value) (R, error)) Member[T] {
	value := result[R]()
	return Member[T]{name: name, length: length, promise: returnsPromise[R](),
		call: func(js *Realm, this T, args []goja.Value) (goja.Value, error) {
			r, err := call(js, this, args)
			if err != nil {
				return nil, err
			}
			return value(js, r), nil
		}}
}

// Op0 declares an operation without arguments.
func Op0[T, R any](name string, f func(T, *Realm) (R, error)) Member[T] {
	return operation(name, 0, func(js *Realm, this T, _ []goja.Value) (R, error) { return f(this, js) })
}

// Op1 declares an operation of one argument.
func Op1[T, A, R any](name string, f func(T, *Realm, A) (R, error), a Type[A]) Member[T] {
	return operation(name, required(a.optional), func(js *Realm, this T, args []goja.Value) (r R, err error) {
		x, err := a.arg(js, args, 0)
		if err != nil {
			return r, err
		}
		return f(this, js, x)
	})
}

// Op2 declares an operation of two arguments.
func Op2[T, A, B, R any](name string, f func(T, *Realm, A, B) (R, error), a Type[A], b Type[B]) Member[T] {
	return operation(name, required(a.optional, b.optional), func(js *Realm, this T, args []goja.Value) (r R, err error) {
		x, err := a.arg(js, args, 0)
		if err != nil {
			return r, err
		}
		y, err := b.arg(js, args, 1)
		if err != nil {
			return r, err
		}
		return f(this, js, x, y)
	})
}

// Op3 declares an operation of three arguments.
func Op3[T, A, B, C, R any](name string, f func(T, *Realm, A, B, C) (R, error), a Type[A], b Type[B], c Type[C]) Member[T] {
	return operation(name, required(a.optional, b.optional, c.optional), func(js *Realm, this T, args []goja.Value) (r R, err error) {
		x, err := a.arg(js, args, 0)
		if err != nil {
			return r, err
		}
		y, err := b.arg(js, args, 1)
		if err != nil {
			return r, err
		}
		z, err := c.arg(js, args, 2)
		if err != nil {
			return r, err
		}
		return f(this, js, x, y, z)
	})
}

// OpN declares an operation that takes its arguments as they come; length is the
// number of those required.
func OpN[T, R any](name string, length int, f func(T, *Realm, []goja.Value) (R, error)) Member[T] {
	return operation(name, length, func(js *Realm, this T, args []goja.Value) (R, error) { return f(this, js, args) })
}

// Proc0 declares an operation without arguments or result.
func Proc0[T any](name string, f func(T, *Realm) error) Member[T] {
	return Op0(name, func(this T, js *Realm) (Undefined, error) { return Undefined{}, f(this, js) })
}

// Proc1 declares an operation of one argument without result.
func Proc1[T, A any](name string, f func(T, *Realm, A) error, a Type[A]) Member[T] {
	return Op1(name, func(this T, js *Realm, x A) (Undefined, error) { return Undefined{}, f(this, js, x) }, a)
}

// Proc2 declares an operation of two arguments without result.
func Proc2[T, A, B any](name string, f func(T, *Realm, A, B) error, a Type[A], b Type[B]) Member[T] {
	return Op2(name, func(this T, js *Realm, x A, y B) (Undefined, error) { return Undefined{}, f(this, js, x, y) }, a, b)
}

// Proc3 declares an operation of three arguments without result.
func Proc3[T, A, B, C any](name string, f func(T, *Realm, A, B, C) error, a Type[A], b Type[B], c Type[C]) Member[T] {
	return Op3(name, func(this T, js *Realm, x A, y B, z C) (Undefined, error) {
		return Undefined{}, f(this, js, x, y, z)
	}, a, b, c)
}

// ProcN declares an operation without result that takes its arguments as they come.
func ProcN[T any](name string, length int, f func(T, *Realm, []goja.Value) error) Member[T] {
	return OpN(name, length, func(this T, js *Realm, args []goja.Value) (Undefined, error) {
		return Undefined{}, f(this, js, args)
	})
}

func static[T any](m Member[Undefined]) Member[T] {
	return Member[T]{name: m.name, length: m.length, promise: m.promise, kind: kindStaticOperation,
		call: func(js *Realm, _ T, args []goja.Value) (goja.Value, error) { return m.call(js, Undefined{}, args) }}
}

// Static0 declares a static operation without arguments.
func Static0[T, R any](name string, f func(*Realm) (R, error)) Member[T] {
	return static[T](Op0(name, func(_ Undefined, js *Realm) (R, error) { return f(js) }))
}

// Static1 declares a static operation of one argument.
func Static1[T, A, R any](name string, f func(*Realm, A) (R, error), a Type[A]) Member[T] {
	return static[T](Op1(name, func(_ Undefined, js *Realm, x A) (R, error) { return f(js, x) }, a))
}

// Static2 declares a static operation of two arguments.
func Static2[T, A, B, R any](name string, f func(*Realm, A, B) (R, error), a Type[A], b Type[B]) Member[T] {
	return static[T](Op2(name, func(_ Undefined, js *Realm, x A, y B) (R, error) { return f(js, x, y) }, a, b))
}

// New0 declares a constructor without arguments.
func New0[T any](f func(*Realm) (T, error)) *Constructor[T] {
	return &Constructor[T]{0, func(js *Realm, _ []goja.Value) (T, error) { return f(js) }}
}

// New1 declares a constructor of one argument.
func New1[T, A any](f func(*Realm, A) (T, error), a Type[A]) *Constructor[T] {
	return &Constructor[T]{required(a.optional), func(js *Realm, args []goja.Value) (t T, err error) {
		x, err := a.arg(js, args, 0)
		if err != nil {
			return t, err
		}
		return f(js, x)
	}}
}

// New2 declares a constructor of two arguments.
func New2[T, A, B any](f func(*Realm, A, B) (T, error), a Type[A], b Type[B]) *Constructor[T] {
	return &Constructor[T]{required(a.optional, b.optional), func(js *Realm, args []goja.Value) (t T, err error) {
		x, err := a.arg(js, args, 0)
		if err != nil {
			return t, err
		}
		y, err := b.arg(js, args, 1)
		if err != nil {
			return t, err
		}
		return f(js, x, y)
	}}
}

// New3 declares a constructor of three arguments.
func New3[T, A, B, C any](f func(*Realm, A, B, C) (T, error), a Type[A], b Type[B], c Type[C]) *Constructor[T] {
	return &Constructor[T]{required(a.optional, b.optional, c.optional), func(js *Realm, args []goja.Value) (t T, err error) {
		x, err := a.arg(js, args, 0)
		if err != nil {
			return t, err
		}
		y, err := b.arg(js, args, 1)
		if err != nil {
			return t, err
		}
		z, err := c.arg(js, args, 2)
		if err != nil {
			return t, err
		}
		return f(js, x, y, z)
	}}
}
