// Package ecma supplies what the engine lacks of ECMAScript
// (https://tc39.es/ecma262/), one file per clause, as native functions.
//
// Install prepares a realm. It is called for every isolate, so it may cost next to
// nothing: what can wait is made when a script first touches it.
package ecma
