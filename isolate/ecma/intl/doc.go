// Package intl is ECMA-402, the ECMAScript Internationalization API
// (https://tc39.es/ecma402/): the Intl object and the toLocaleString family.
//
// What is formatted is worked out in plain Go; the class files are the interface to it.
// Texts come from package cldr, plural rules, collation and the names of languages from
// golang.org/x/text, whose data is older than that of browsers. The calendar is always
// the Gregorian one.
package intl
