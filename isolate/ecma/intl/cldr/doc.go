// Package cldr holds what the formats of ECMA-402 need to know of locales: number
// symbols, names of months and zones, date patterns, units, plural texts.
//
// The tables under locales are facts of Unicode CLDR, read off the answers of an Intl
// implementation with full data by probe.mjs. A file holds a language and the regions
// that differ from it; it is parsed when first asked for and shared by all isolates.
package cldr

//go:generate node probe.mjs
