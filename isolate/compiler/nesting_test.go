package compiler

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
)

// Each form nests n deep what its name says.
var nestingForms = map[string]func(n int) string{
	"parentheses":     around("(", "1", ")"),
	"arrays":          around("[", "1", "]"),
	"objects":         func(n int) string { return "x=" + around("{a:", "1", "}")(n) },
	"blocks":          around("{", "", "}"),
	"unary":           around("!", "1", ""),
	"words":           around("typeof ", "1", ""),
	"binary":          around("", "1", "+a"),
	"logical":         around("", "1", "&&a"),
	"power":           around("", "1", "**a"),
	"assignments":     around("a=", "1", ""),
	"conditionals":    around("1?1:", "1", ""),
	"middle":          around("1?", "1", ":1"),
	"new":             around("new ", "A", ""),
	"members":         around("", "a", ".b"),
	"indexes":         around("", "a", "[0]"),
	"calls":           around("", "a", "()"),
	"arguments":       around("f(", "", ")"),
	"tagged":          around("", "a", "`x`"),
	"templates":       func(n int) string { return "x=" + around("`${", "1", "}`")(n) },
	"arrows":          around("a=>", "1", ""),
	"functions":       around("function f(){", "", "}"),
	"expressions":     func(n int) string { return "x=" + around("function(){return ", "1", "}")(n) },
	"classes":         around("class A{static{", "", "}}"),
	"else if":         around("if(a)b;else ", "c", ""),
	"else if blocks":  around("if(a){b}else ", "c", ""),
	"ifs":             around("if(a)", "c", ""),
	"fors":            around("for(;;)", "c", ""),
	"dos":             around("do ", "x", ";while(a)"),
	"labels":          func(n int) string { return labels(n) + "c" },
	"patterns":        func(n int) string { return "var " + around("[", "a", "]")(n) + "=1" },
	"spread":          around("[...", "a", "]"),
	"arrow defaults":  around("(a=", "1", ")=>1"),
	"async defaults":  around("async(a=", "1", ")=>1"),
	"object defaults": around("({a=", "1", "})=>1"),
}

func around(before, middle, after string) func(int) string {
	return func(n int) string { return strings.Repeat(before, n) + middle + strings.Repeat(after, n) }
}

func labels(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "l%d:", i)
	}
	return b.String()
}

func TestDeepNestingIsRefused(t *testing.T) {
	for name, form := range nestingForms {
		for _, file := range []string{"index.js", "index.ts", "index.tsx"} {
			_, err := BuildBundle(context.Background(), files(file, form(50000)))
			var e *Error
			if !errors.As(err, &e) || !strings.Contains(e.Diagnostics[0].Text, "nested too deeply") {
				t.Errorf("%s in %s: %.200v", name, file, err)
			}
		}
		// Without the bundler's own check before it.
		b := &Bundle{Code: []byte("(()=>{" + form(50000) + "})")}
		if _, err := b.Compile(); err == nil || !strings.Contains(err.Error(), "nested too deeply") {
			t.Errorf("%s compiled: %.200v", name, err)
		}
	}
}

func TestModestNestingIsAccepted(t *testing.T) {
	for name, form := range nestingForms {
		n := 190 // a class and its block are two scopes
		if strings.Contains(name, "defaults") {
			n = 4
		}
		if err := checkNesting("index.js", form(n)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestLongCodeIsNotDeep(t *testing.T) {
	for name, line := range map[string]string{
		"statements":      "a = b.c(d) + [1, 2][0];\n",
		"no semicolons":   "a = b\nc = d + e\nf(g)\n",
		"functions":       "function f(a = {}, b = () => {}) { return a }\n",
		"ifs":             "if (a) { b } else if (c) { d } else { e }\n",
		"ifs, no braces":  "if (a) b; else if (c) d; else e\n",
		"loops":           "for (const x of y) z(x)\nwhile (a) b()\ndo c(); while (d)\n",
		"templates":       "s = `a${b}c${d}`\n",
		"strings":         "s = \"((\" + '[[' // {{\n",
		"regular":         "r = /[(]/.test(x) || y / 2 / z\n",
		"comments":        "/* ((((( */ a; // {{{{{\n",
		"classes":         "class A { get = 1; static #x = { a: [] }; m() { return `${this.get}` } }\n",
		"arrows":          "f((a, b) => (c) => { d((e) => e) })\n",
		"ternaries":       "x = a ? b : c ? d : e;\n",
		"switch":          "switch (a) { case 1: b; break; case 2: default: c }\n",
		"types":           "type T<K> = { [P in keyof K]: K[P] extends string ? 1 : 2 } | A | B\n",
		"exports":         "export const a = 1, b = async () => { await c }\n",
		"object literals": "x = { a: 1, b: { c: [1, 2, { d: 3 }] }, e() { return 1 }, get f() { return 2 } }\n",
	} {
		if err := checkNesting("index.ts", strings.Repeat(line, 2000)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	data := "[" + strings.Repeat(`{"a":[1,2,{"b":"}]"}],"c":null},`, 50000) + "1]"
	if err := checkNesting("data.json", data); err != nil {
		t.Error(err)
	}
}

func FuzzScanner(f *testing.F) {
	for _, s := range []string{"a/b/c", "`${`${a}`}`", "}{)(", "x=/[/]/g", "class A{get=1}", "'\\", "`\\", "/*", "#!x", "\u2028a"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, src string) {
		s := newScanner(src)
		end := 0
		for tok := s.next(); tok.kind != tokEnd; tok = s.next() {
			if tok.start < end || tok.end <= tok.start || tok.end > len(src) {
				t.Fatalf("%q: token %v after %d", src, tok, end)
			}
			end = tok.end
		}
		_ = checkNesting("a.tsx", src)
		if m := mend(src); len(m.code) < len(src) {
			t.Fatalf("%q became %q", src, m.code)
		}
	})
}
