package htmlrewriter

import "fmt"

// A ParserError is a refusal by the rewriter itself: of a selector, of a name, or of a
// document that is over a bound. Scripts see it as a TypeError.
type ParserError struct{ reason string }

func (e *ParserError) Error() string { return "Parser error: " + e.reason }

func parserError(format string, args ...any) error {
	return &ParserError{fmt.Sprintf(format, args...)}
}
