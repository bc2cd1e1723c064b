// Package url implements the WHATWG URL standard and the URL Pattern standard:
// https://url.spec.whatwg.org/ and https://urlpattern.spec.whatwg.org/.
//
// A [Record] is a parsed URL. It keeps its serialization as one string and the
// offsets of the components in it, so that href costs nothing and the other
// attributes are substrings. Parsing an input that is already in its serialized
// form allocates nothing but the Record.
//
// [Params] is the ordered list of name-value pairs behind URLSearchParams, and
// [Pattern] is a compiled URL pattern.
//
// Strings are UTF-8 and are taken to be scalar value strings: whoever holds
// JavaScript strings converts lone surrogates to U+FFFD before calling.
// None of the algorithms here needs a JavaScript engine.
package url
