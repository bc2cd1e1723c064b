package webcrypto

import "github.com/mayfly-edge/mayfly/isolate/webidl"

// The errors of the standard: https://w3c.github.io/webcrypto/#SubtleCrypto-Exceptions

func notSupported(format string, args ...any) error {
	return webidl.DOMError("NotSupportedError", format, args...)
}

func syntaxError(format string, args ...any) error {
	return webidl.DOMError("SyntaxError", format, args...)
}

func invalidAccess(format string, args ...any) error {
	return webidl.DOMError("InvalidAccessError", format, args...)
}

func dataError(format string, args ...any) error {
	return webidl.DOMError("DataError", format, args...)
}

func operationError(format string, args ...any) error {
	return webidl.DOMError("OperationError", format, args...)
}

func errUsages() error {
	return syntaxError("Cannot create a key using the specified key usages.")
}

func errFormat(f format) error {
	return notSupported("The key format '%s' is not supported for this algorithm.", f)
}
