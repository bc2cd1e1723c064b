// Package json is JSON.parse and JSON.stringify between UTF-8 text and the engine's
// values (https://tc39.es/ecma262/#sec-json-object), several times faster than the
// engine's own and bounded in depth and size.
//
// Strings of the engine can hold lone surrogates, which UTF-8 cannot. Where text is
// taken from the engine or given to it such a surrogate is written as its three bytes
// of generalised UTF-8 (WTF-8).
package json
