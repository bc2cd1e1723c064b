package url

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf16"
)

func TestParams(t *testing.T) {
	for _, test := range []struct{ input, output string }{
		{"", ""},
		{"a=b&c=d", "a=b&c=d"},
		{"a", "a="},
		{"=b", "=b"},
		{"=", "="},
		{"&&a&&b=&", "a=&b="},
		{"?a=b", "%3Fa=b"},
		{"a=b=c", "a=b%3Dc"},
		{"a+b=c%20d%2B", "a+b=c+d%2B"},
		{"a=%", "a=%25"},
		{"a=%2", "a=%252"},
		{"a=%zz%41", "a=%25zzA"},
		{"ü=日本", "%C3%BC=%E6%97%A5%E6%9C%AC"},
		{"a=*-._~!'()", "a=*-._%7E%21%27%28%29"},
		{"a=%EF%BB%BFb", "a=%EF%BB%BFb"},
		{"a=%FF", "a=%EF%BF%BD"},
		{"a=%E6%97x%F0%9F%98", "a=%EF%BF%BDx%EF%BF%BD"},
		{"a=%ED%A0%80", "a=%EF%BF%BD%EF%BF%BD%EF%BF%BD"},
		{"a=%C0%80", "a=%EF%BF%BD%EF%BF%BD"},
		{"a=%F4%90%80%80", "a=%EF%BF%BD%EF%BF%BD%EF%BF%BD%EF%BF%BD"},
		{"a=%00", "a=%00"},
	} {
		p := ParseParams(test.input)
		if p.String() != test.output {
			t.Errorf("%q becomes %q, want %q", test.input, p.String(), test.output)
		}
		if again := ParseParams(p.String()); !slices.Equal(again.pairs, p.pairs) {
			t.Errorf("%q holds %q, then %q", test.input, p.pairs, again.pairs)
		}
	}
}

func TestParamsOperations(t *testing.T) {
	for _, test := range []struct {
		name string
		do   func(*Params)
		want string
	}{
		{"append", func(p *Params) { p.Append("a", "4") }, "a=1&b=2&a=3&a=4"},
		{"delete", func(p *Params) { p.Delete("a") }, "b=2"},
		{"delete absent", func(p *Params) { p.Delete("c") }, "a=1&b=2&a=3"},
		{"delete value", func(p *Params) { p.DeleteValue("a", "1") }, "b=2&a=3"},
		{"delete other value", func(p *Params) { p.DeleteValue("a", "2") }, "a=1&b=2&a=3"},
		{"set", func(p *Params) { p.Set("a", "x") }, "a=x&b=2"},
		{"set absent", func(p *Params) { p.Set("c", "x") }, "a=1&b=2&a=3&c=x"},
		{"sort", func(p *Params) { p.Sort() }, "a=1&a=3&b=2"},
		{"parse", func(p *Params) { p.Parse("x=y") }, "x=y"},
		{"parse nothing", func(p *Params) { p.Parse("") }, ""},
	} {
		p := ParseParams("a=1&b=2&a=3")
		test.do(p)
		if p.String() != test.want {
			t.Errorf("%s gives %q, want %q", test.name, p.String(), test.want)
		}
	}

	p := ParseParams("a=1&b=2&a=3")
	if value, found := p.Get("a"); value != "1" || !found {
		t.Errorf("Get(a) is %q, %t", value, found)
	}
	if value, found := p.Get("c"); value != "" || found {
		t.Errorf("Get(c) is %q, %t", value, found)
	}
	if values := p.GetAll("a"); !slices.Equal(values, []string{"1", "3"}) {
		t.Errorf("GetAll(a) is %q", values)
	}
	if values := p.GetAll("c"); values != nil {
		t.Errorf("GetAll(c) is %q", values)
	}
	if !p.Has("b") || p.Has("c") || !p.HasValue("a", "3") || p.HasValue("a", "2") {
		t.Error("Has or HasValue is wrong")
	}
	if p.Len() != 3 || p.At(1) != (Pair{"b", "2"}) {
		t.Errorf("%d pairs, the second is %q", p.Len(), p.At(1))
	}
}

func TestParamsSort(t *testing.T) {
	names := []string{"z", "", "\uffff", "😀", "\ue000", "ab", "a", "é", "\U0010ffff", "\ufb03", "🌈a", "🌈", "\ud7ff", "a\uffff", "a😀"}
	p := new(Params)
	for _, name := range names {
		p.Append(name, "1")
		p.Append(name, "2")
	}
	p.Sort()
	slices.SortFunc(names, func(a, b string) int {
		return slices.Compare(utf16.Encode([]rune(a)), utf16.Encode([]rune(b)))
	})
	for i, name := range names {
		if p.At(2*i) != (Pair{name, "1"}) || p.At(2*i+1) != (Pair{name, "2"}) {
			t.Fatalf("pair %d is %q and %q, want %q", i, p.At(2*i), p.At(2*i+1), name)
		}
	}
}

func FuzzParams(f *testing.F) {
	f.Add("a=b&c=%F0%9F%98&+=%")
	f.Fuzz(func(t *testing.T, input string) {
		p := ParseParams(strings.ToValidUTF8(input, "\ufffd"))
		if again := ParseParams(p.String()); !slices.Equal(again.pairs, p.pairs) {
			t.Fatalf("%q holds %q, then %q", input, p.pairs, again.pairs)
		}
		p.Sort()
		for i := 1; i < p.Len(); i++ {
			a, b := utf16.Encode([]rune(p.At(i-1).Name)), utf16.Encode([]rune(p.At(i).Name))
			if slices.Compare(a, b) > 0 {
				t.Fatalf("%q sorts before %q", p.At(i-1).Name, p.At(i).Name)
			}
		}
	})
}

func BenchmarkParams(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		p := ParseParams("query=value&page=12&q=a+b%20c")
		p.Set("page", "13")
		_ = p.String()
	}
}
