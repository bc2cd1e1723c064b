package compiler

import (
	"slices"
	"testing"
)

// TestAppends has loops that append to what is likely a string, and others.
func TestAppends(t *testing.T) {
	const loop = `for (const x of list) s += x; return s }`
	for code, want := range map[string]bool{
		`export const f = (list) => { let s = ""; ` + loop:                         true,
		"export const f = (list) => { let s = `a${list}`; " + loop:                 true,
		`const empty = ""; export const f = (list) => { let s = empty; ` + loop:    true,
		`const zero = 0; export const f = (list) => { let s = zero; ` + loop:       false,
		`export const f = (list) => { let s = 0; ` + loop:                          false,
		`export const f = (list, start) => { let s = start; ` + loop:               false,
		`export const f = (a, b) => { let s = ""; s += a; return s + b }`:          false,
		`export const f = (list) => { let s; ` + loop:                              false,
		`let a = "", b = a; export const f = (list) => { let s = b; ` + loop:       true,
		`export const f = (list) => { const empty = ""; let s = empty; ` + loop:    true,
		`export const f = (list) => { let s = [].empty; const empty = ""; ` + loop: false,
	} {
		p := compileSource(t, files("index.js", code))
		if got := slices.Contains(p.Intrinsics, Append); got != want {
			t.Errorf("%s: appends natively: %v", code, got)
		}
	}
}
