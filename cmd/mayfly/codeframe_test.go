package main

import "testing"

func TestCodeFrame(t *testing.T) {
	f := newFolder(t, map[string]string{"src/index.ts": "const a = 1;\n\tthrow new Error();\n"})
	for _, tc := range []struct{ stack, want string }{
		{"Error: x\n    at fetch (src/index.ts:2:8)\n", "  2 | \tthrow new Error();\n    | \t      ^\n"},
		{"Error: x\n    at src/index.ts:1:1", "  1 | const a = 1;\n    | ^\n"},
		{"Error: x\n    at each (<anonymous>)\n    at f (gone.js:1:1)\n    at fetch (src/index.ts:1:7)", "  1 | const a = 1;\n    |       ^\n"},
		{"Error: x\n    at fetch (src/index.ts:9:1)", ""},
		{"Error: x\n    at fetch (src/index.ts:1:99)", ""},
		{"Error: x\n    at fetch (src/index.ts:99999999999999999999:1)", ""},
		{"Error: x\n    at fetch (../../etc/passwd:1:1)", ""},
		{"Error: see http://x:1:2", ""},
		{"", ""},
	} {
		if got := codeFrame(f.dir, tc.stack); got != tc.want {
			t.Errorf("%q gives\n%s\nwant\n%s", tc.stack, got, tc.want)
		}
	}
}
