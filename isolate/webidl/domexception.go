package webidl

import (
	"strings"

	"github.com/dop251/goja"
)

// domException is the Web IDL standard's DOMException: https://webidl.spec.whatwg.org/#idl-DOMException
type domException struct {
	Handle
	name, message, stack string
}

// DOMException is the DOMException interface.
var DOMException = &Class[*domException]{
	Name: "DOMException",
	Constructor: New2(func(js *Realm, message, name string) (*domException, error) {
		return js.domException(name, message), nil
	}, Default(DOMString, ""), Default(DOMString, "Error")),
	Members: append([]Member[*domException]{
		ReadOnly("name", func(e *domException, _ *Realm) (string, error) { return e.name, nil }),
		ReadOnly("message", func(e *domException, _ *Realm) (string, error) { return e.message, nil }),
		ReadOnly("code", func(e *domException, _ *Realm) (int, error) { return legacyCodes[e.name], nil }),
	}, legacyConstants()...),
	// The stack is not of the standard, but every engine offers it.
	Build: func(js *Realm, _, prototype *goja.Object) {
		must(prototype.SetPrototype(js.intrinsics.proto("Error")))
		must(prototype.DefineAccessorProperty("stack", js.Function("get stack", 0, func(call goja.FunctionCall) goja.Value {
			if e, ok := As[*domException](call.This); ok {
				return js.String(e.stack)
			}
			return goja.Undefined()
		}), nil, goja.FLAG_TRUE, goja.FLAG_FALSE))
	},
}

// NewDOMException returns a DOMException object.
func (js *Realm) NewDOMException(name, message string) goja.Value {
	return DOMException.Wrap(js, js.domException(name, message))
}

func (js *Realm) domException(name, message string) *domException {
	e := &domException{name: name, message: message}
	var b strings.Builder
	b.WriteString(name)
	if message != "" {
		b.WriteString(": ")
		b.WriteString(message)
	}
	AppendFrames(&b, js.VM.CaptureCallStack(10, nil))
	e.stack = b.String()
	return e
}

// legacyNames are the error names that have a code, in the order of their codes from 1;
// a name without an error of its own has only a constant.
var legacyNames = [...]struct{ constant, name string }{
	{"INDEX_SIZE_ERR", "IndexSizeError"},
	{"DOMSTRING_SIZE_ERR", ""},
	{"HIERARCHY_REQUEST_ERR", "HierarchyRequestError"},
	{"WRONG_DOCUMENT_ERR", "WrongDocumentError"},
	{"INVALID_CHARACTER_ERR", "InvalidCharacterError"},
	{"NO_DATA_ALLOWED_ERR", ""},
	{"NO_MODIFICATION_ALLOWED_ERR", "NoModificationAllowedError"},
	{"NOT_FOUND_ERR", "NotFoundError"},
	{"NOT_SUPPORTED_ERR", "NotSupportedError"},
	{"INUSE_ATTRIBUTE_ERR", "InUseAttributeError"},
	{"INVALID_STATE_ERR", "InvalidStateError"},
	{"SYNTAX_ERR", "SyntaxError"},
	{"INVALID_MODIFICATION_ERR", "InvalidModificationError"},
	{"NAMESPACE_ERR", "NamespaceError"},
	{"INVALID_ACCESS_ERR", "InvalidAccessError"},
	{"VALIDATION_ERR", ""},
	{"TYPE_MISMATCH_ERR", "TypeMismatchError"},
	{"SECURITY_ERR", "SecurityError"},
	{"NETWORK_ERR", "NetworkError"},
	{"ABORT_ERR", "AbortError"},
	{"URL_MISMATCH_ERR", "URLMismatchError"},
	{"QUOTA_EXCEEDED_ERR", "QuotaExceededError"},
	{"TIMEOUT_ERR", "TimeoutError"},
	{"INVALID_NODE_TYPE_ERR", "InvalidNodeTypeError"},
	{"DATA_CLONE_ERR", "DataCloneError"},
}

var legacyCodes = func() map[string]int {
	m := map[string]int{}
	for i, e := range legacyNames {
		if e.name != "" {
			m[e.name] = i + 1
		}
	}
	return m
}()

func legacyConstants() []Member[*domException] {
	var list []Member[*domException]
	for i, e := range legacyNames {
		list = append(list, Const[*domException](e.constant, i+1))
	}
	return list
}
