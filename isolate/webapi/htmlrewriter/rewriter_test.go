package htmlrewriter

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"testing/iotest"
)

var update = flag.Bool("update", false, "rewrite the expected output in testdata")

// An operation is one line of a case: {selector} handler operation argument. An empty
// selector stands for the document; an operation that ends in ! inserts HTML.
type operation struct{ handler, name, argument string }

// operations is a Visitor that does one operation for each rule, and notes what it is told.
type operations struct {
	list []operation
	log  strings.Builder
}

func (o *operations) Visit(t Token, rules []int) error {
	for _, i := range rules {
		if end, ok := t.(*EndTag); ok {
			if err := o.do(t, end.Callbacks[i].(operation)); err != nil {
				return err
			}
		} else if err := o.do(t, o.list[i]); err != nil {
			return err
		}
	}
	return nil
}

func (o *operations) do(t Token, op operation) error {
	name, html := strings.CutSuffix(op.name, "!")
	c := Content{Text: op.argument, HTML: html}
	if text, ok := t.(*Text); ok && text.LastInTextNode() != strings.HasPrefix(name, "last-") && name != "see" {
		return nil
	}
	name = strings.TrimPrefix(name, "last-")
	if name == "stream" {
		name, c.Text, c.Stream = "append", "", io.NopCloser(iotest.OneByteReader(strings.NewReader(c.Text)))
	}
	switch name {
	case "see":
		o.see(t)
		return nil
	case "fail":
		return errors.New(op.argument)
	case "before":
		t.mutated().Before(c)
		return nil
	}
	switch t := t.(type) {
	case *Element:
		return o.element(t, name, op.argument, c)
	case *EndTag:
		switch name {
		case "name":
			return t.SetName(op.argument)
		case "after":
			t.After(c)
		case "remove":
			t.Remove()
		}
	case *Comment:
		if name == "text" {
			return t.SetText(op.argument)
		}
		character(&t.mutation, name, c)
	case *Text:
		if name == "upper" {
			c.Text, c.HTML, name = strings.ToUpper(t.Text()), true, "replace"
		}
		character(&t.mutation, name, c)
	case *DocumentEnd:
		t.Append(c)
	}
	return nil
}

func character(m *mutation, name string, c Content) {
	switch name {
	case "after":
		m.After(c)
	case "replace":
		m.Replace(c)
	case "remove":
		m.Remove()
	}
}

func (o *operations) element(e *Element, name, argument string, c Content) error {
	switch name {
	case "after":
		e.After(c)
	case "prepend":
		e.Prepend(c)
	case "append":
		e.Append(c)
	case "replace":
		e.Replace(c)
	case "remove":
		e.Remove()
	case "keep":
		e.RemoveAndKeepContent()
	case "inner":
		e.SetInnerContent(c)
	case "set":
		k, v, _ := strings.Cut(argument, "=")
		return e.SetAttribute(k, v)
	case "unset":
		e.RemoveAttribute(argument)
	case "name":
		return e.SetName(argument)
	case "end":
		name, argument, _ := strings.Cut(argument, " ")
		if err := e.OnEndTag(operation{"end", name, argument}); name != "see" {
			return err
		}
	default:
		return fmt.Errorf("unknown operation %q", name)
	}
	return nil
}

// see notes a token. Pieces of text are put together: where they are cut is chance.
func (o *operations) see(t Token) {
	switch t := t.(type) {
	case *Element:
		fmt.Fprintf(&o.log, "<%s", t.Name())
		for _, a := range t.Attributes() {
			fmt.Fprintf(&o.log, " %s=%q", a.Name, a.Value)
		}
		fmt.Fprintf(&o.log, " %s>", t.NamespaceURI()[strings.LastIndexByte(t.NamespaceURI(), '/')+1:])
	case *EndTag:
		fmt.Fprintf(&o.log, "</%s>", t.Name())
	case *Text:
		o.log.WriteString(t.Text())
		if t.LastInTextNode() {
			o.log.WriteString("|")
		}
	case *Comment:
		fmt.Fprintf(&o.log, "{%s}", t.Text())
	case *Doctype:
		part := func(s *string) string {
			if s == nil {
				return "-"
			}
			return *s
		}
		fmt.Fprintf(&o.log, "[%s %s %s]", part(t.Name), part(t.PublicID), part(t.SystemID))
	}
}

// parseOperations reads the lines of a case.
func parseOperations(t testing.TB, lines string) ([]Rule, []operation) {
	var rules []Rule
	var list []operation
	for _, line := range strings.Split(lines, "\n") {
		selector, rest, _ := strings.Cut(line, "} ")
		var ok bool
		if selector, ok = strings.CutPrefix(selector, "{"); !ok {
			t.Fatalf("not an operation: %s", line)
		}
		handler, rest, _ := strings.Cut(rest, " ")
		name, argument, _ := strings.Cut(rest, " ")
		list = append(list, operation{handler, name, strings.ReplaceAll(argument, `\n`, "\n")})
		r := Rule{Element: handler == "element", Comments: handler == "comments", Text: handler == "text", Doctype: handler == "doctype", End: handler == "end"}
		if selector != "" {
			s, err := ParseSelector(selector)
			if err != nil {
				t.Fatalf("%s: %v", selector, err)
			}
			r.Selector = s
		}
		rules = append(rules, r)
	}
	return rules, list
}

// rewrite runs input through a rewriter in the pieces that split gives it.
func rewrite(t testing.TB, lines string, input io.Reader) string {
	rules, list := parseOperations(t, lines)
	o := &operations{list: list}
	r, err := NewRewriter("utf-8", rules, o)
	if err != nil {
		t.Fatal(err)
	}
	out, err := io.ReadAll(NewReader(r, io.NopCloser(input)))
	s := string(out)
	if o.log.Len() > 0 {
		s += "\n=> " + o.log.String()
	}
	if err != nil {
		s += "\n!! " + err.Error()
	}
	return s
}

// A goldenCase is a title, operations, input and output, in a file of testdata: sections
// separated by lines of dashes, cases by lines of equals signs.
type goldenCase struct{ title, operations, input, output string }

func readCases(t testing.TB, path string) []goldenCase {
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var list []goldenCase
	for _, text := range strings.Split(strings.TrimSuffix(string(b), "\n"), "\n====\n") {
		head, rest, _ := strings.Cut(text, "\n----\n")
		input, output, _ := strings.Cut(rest, "\n----\n")
		title, operations, _ := strings.Cut(head, "\n")
		list = append(list, goldenCase{title, operations, input, output})
	}
	return list
}

const golden = "testdata/rewrite.txt"

// TestRewrite compares with testdata, for the input whole, and cut at every place.
func TestRewrite(t *testing.T) {
	cases := readCases(t, golden)
	for i := range cases {
		c := &cases[i]
		t.Run(c.title, func(t *testing.T) {
			got := rewrite(t, c.operations, strings.NewReader(c.input))
			if *update {
				c.output = got
			}
			if got != c.output {
				t.Errorf("\n got %s\nwant %s", got, c.output)
			}
			if got := rewrite(t, c.operations, iotest.OneByteReader(strings.NewReader(c.input))); got != c.output {
				t.Errorf("byte by byte:\n got %s\nwant %s", got, c.output)
			}
			for n := range len(c.input) {
				pieces := io.MultiReader(strings.NewReader(c.input[:n]), strings.NewReader(c.input[n:]))
				if got := rewrite(t, c.operations, pieces); got != c.output {
					t.Errorf("cut at %d:\n got %s\nwant %s", n, got, c.output)
				}
			}
		})
	}
	if *update {
		var b bytes.Buffer
		for i, c := range cases {
			if i > 0 {
				b.WriteString("====\n")
			}
			fmt.Fprintf(&b, "%s\n%s\n----\n%s\n----\n%s\n", c.title, c.operations, c.input, c.output)
		}
		if err := os.WriteFile(golden, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// watching is rules that look at everything.
const watching = "{*} element see\n{*} comments see\n{*} text see\n{} doctype see\n{*} element end see"

// FuzzRewrite checks that unchanged documents pass byte for byte, that handlers see the
// same wherever the input is cut, and that changes come out the same.
func FuzzRewrite(f *testing.F) {
	for _, c := range readCases(f, golden) {
		f.Add(c.input, 3)
	}
	f.Add("<script><!--<script></script>--></script><svg><![CDATA[ ]] ]]></svg><a b='", 1)
	f.Fuzz(func(t *testing.T, input string, size int) {
		if len(input) > 1<<12 || size < 1 {
			return
		}
		whole := rewrite(t, watching, strings.NewReader(input))
		if !strings.HasPrefix(whole, input) {
			t.Fatalf("changed:\n got %q\nfrom %q", whole, input)
		}
		if got := rewrite(t, watching, &pieces{input, size}); got != whole {
			t.Fatalf("in pieces of %d:\n got %q\nwant %q", size, got, whole)
		}
		const changing = "{*} element set x=y\n{a b} element remove\n{p} element append .\n{*} comments replace c\n{*} element after ,"
		whole = rewrite(t, changing, strings.NewReader(input))
		if got := rewrite(t, changing, &pieces{input, size}); got != whole {
			t.Fatalf("changes in pieces of %d:\n got %q\nwant %q", size, got, whole)
		}
		if got := rewrite(t, "{#none .at > all} element remove", &pieces{input, size}); got != input {
			t.Fatalf("without a match:\n got %q\nwant %q", got, input)
		}
	})
}

// pieces is a reader of pieces of one size.
type pieces struct {
	rest string
	size int
}

func (p *pieces) Read(b []byte) (int, error) {
	if p.rest == "" {
		return 0, io.EOF
	}
	n := copy(b, p.rest[:min(p.size, len(p.rest))])
	p.rest = p.rest[n:]
	return n, nil
}

// TestBounds checks what ends a transformation.
func TestBounds(t *testing.T) {
	for _, c := range []struct {
		name, operations, input, want string
	}{
		{"tag", "{a} element see", `<a b="` + strings.Repeat("x", maxToken+1), "Parser error: a tag or comment is longer than the limit of 3145728 bytes"},
		{"comment", "{} comments see", `<!--` + strings.Repeat("x", maxToken+1), "Parser error: a tag or comment is longer than the limit of 3145728 bytes"},
		{"attributes", "{a} element see", `<a` + strings.Repeat(" b", maxAttributes+1) + ">", "Parser error: a tag has more than the limit of 4096 attributes"},
		{"depth", "{b} element see", strings.Repeat("<a>", maxDepth+1), "Parser error: more than the limit of 65536 elements are open"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := rewrite(t, c.operations, strings.NewReader(c.input)); !strings.HasSuffix(got, "\n!! "+c.want) {
				t.Errorf("got ...%q, want %q", got[max(0, len(got)-100):], c.want)
			}
		})
	}
	if _, err := NewRewriter("utf-8", make([]Rule, maxRules+1), nil); err == nil {
		t.Error("too many rules were taken")
	}
	// A comment that nobody looks at may be of any length.
	long := "<!--" + strings.Repeat("x", maxToken+1) + "--><a>"
	if got := rewrite(t, "{b} element see", strings.NewReader(long)); got != long {
		t.Error("a long comment was changed")
	}
}

// page is some 50 KB of HTML as pages are.
var page = func() []byte {
	var b bytes.Buffer
	b.WriteString("<!DOCTYPE html><html><head><title>A page</title><script>var a = '<p>' && 1 < 2;</script></head><body class=\"home page\">")
	for i := 0; b.Len() < 50<<10; i++ {
		fmt.Fprintf(&b, "<div class=\"card item-%d\" id=\"c%d\" data-x='1'><h2>Card %d</h2><p>Some text with <a href=\"https://example.com/%d\">a link</a> &amp; more of it, as there is on every page.</p><img src=/i/%d.png alt=\"\"></div>\n", i, i, i, i, i)
	}
	b.WriteString("</body></html>")
	return b.Bytes()
}()

func benchmark(b *testing.B, operations string) {
	rules, list := parseOperations(b, operations)
	b.SetBytes(int64(len(page)))
	b.ReportAllocs()
	buf := make([]byte, 64<<10)
	for b.Loop() {
		r, err := NewRewriter("utf-8", rules, silent{&list})
		if err != nil {
			b.Fatal(err)
		}
		reader := NewReader(r, io.NopCloser(bytes.NewReader(page)))
		for {
			if _, err := reader.Read(buf); err == io.EOF {
				break
			} else if err != nil {
				b.Fatal(err)
			}
		}
	}
}

// silent does the operations without the cost of a log.
type silent struct{ list *[]operation }

func (s silent) Visit(t Token, rules []int) error {
	o := operations{list: *s.list}
	return o.Visit(t, rules)
}

func BenchmarkNoMatch(b *testing.B) {
	benchmark(b, "{nav a[href]} element set x=y\n{.missing > p} element remove\n{#none} element remove")
}

func BenchmarkThreeSelectors(b *testing.B) {
	benchmark(b, "{div.card a[href^=\"https:\"]} element set rel=noopener\n{head} element append! <meta>\n{img} element set loading=lazy")
}

// TestAllocations bounds what a page that no rule is about costs.
func TestAllocations(t *testing.T) {
	rules, list := parseOperations(t, "{nav a[href]} element set x=y\n{.missing > p} element remove")
	buf := make([]byte, 64<<10)
	n := testing.AllocsPerRun(5, func() {
		r, _ := NewRewriter("utf-8", rules, silent{&list})
		reader := NewReader(r, io.NopCloser(bytes.NewReader(page)))
		for {
			if _, err := reader.Read(buf); err != nil {
				break
			}
		}
	})
	if n > 80 {
		t.Errorf("%v allocations, want at most 80", n)
	}
}
