package conformance

import (
	"context"
	"fmt"
	"strings"
	"testing"
)

func TestCases(t *testing.T) {
	cases, err := Cases()
	if err != nil {
		t.Fatal(err)
	}
	site, err := StartSite()
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := site.Close(); err != nil {
			t.Error(err)
		}
	}()
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			if err := site.Run(context.Background(), c); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestKnownFailure shows that a case that is known to fail must fail.
func TestKnownFailure(t *testing.T) {
	site, err := StartSite()
	if err != nil {
		t.Fatal(err)
	}
	defer site.Close()
	for status, want := range map[int]string{200: "", 201: "the case passes, but was known to fail: why"} {
		c := Case{Name: fmt.Sprintf("known-%d", status), Code: `export default { fetch() { return new Response("", {status: 201}) } }`, Known: "why", Exchanges: []Exchange{{Method: "GET", Target: "/", Status: status}}}
		got := ""
		if err := site.Run(context.Background(), c); err != nil {
			got = err.Error()
		}
		if (want == "") != (got == "") || !strings.Contains(got, want) {
			t.Errorf("status %d: error %q, want %q", status, got, want)
		}
	}
}

func TestParseCase(t *testing.T) {
	c, err := parseCase("x", "export default 1;\n/*\nPOST /a?b\nx-test: 1\n\nbody\n--- 201\ny: 2\n\nanswer\n=== GET /\n--- 204\n*/\n")
	if err != nil {
		t.Fatal(err)
	}
	if c.Classic || c.Code != "export default 1;\n" || len(c.Exchanges) != 2 {
		t.Fatalf("%+v", c)
	}
	e := c.Exchanges[0]
	if e.Line != 3 || e.Method != "POST" || e.Target != "/a?b" || e.Header.Get("X-Test") != "1" || e.Body != "body" || e.Status != 201 || e.WantHeader.Get("Y") != "2" || e.WantBody != "answer" {
		t.Errorf("%+v", e)
	}
	if e := c.Exchanges[1]; e.Line != 11 || e.Method != "GET" || e.Status != 204 || e.WantBody != "" {
		t.Errorf("%+v", e)
	}
	if c, err = parseCase("x", "// Title.\n// Known failure: why.\nexport default 1;\n/*\nGET /\n--- 200\n*/"); err != nil || c.Known != "why." || c.Exchanges[0].Line != 5 {
		t.Errorf("%+v, %v", c, err)
	}
	for _, bad := range []string{"", "1", "1\n/*\nGET /\n*/", "1\n/*\nGET /\n--- x\n*/", "1\n/*\nGET\n--- 200\n*/", "1\n/*\nGET /\nheader\n--- 200\n*/", "1\n/*\nGET /\n--- 200\n*/\n1"} {
		if _, err := parseCase("x", bad); err == nil {
			t.Errorf("%q was read", bad)
		}
	}
}

func TestCompareAnswer(t *testing.T) {
	e := Exchange{Status: 200, WantHeader: map[string][]string{"A": {"1", "2"}, "B": {"-"}}, WantBody: "x"}
	if err := compareAnswer(e, 200, map[string][]string{"A": {"1", "2"}, "C": {"3"}}, "x\n"); err != nil {
		t.Error(err)
	}
	err := compareAnswer(e, 404, map[string][]string{"A": {"1"}, "B": {"there"}}, "y")
	for _, want := range []string{"status 404", `header A is ["1"]`, `header B is ["there"]`, "body\ny\nwant\nx"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("no %q in %v", want, err)
		}
	}
}

func TestExpectations(t *testing.T) {
	e, err := Expectations()
	if err != nil {
		t.Fatal(err)
	}
	for _, reason := range e.Unexplained() {
		t.Errorf("a failure that is known but has no reason: %s", reason)
	}
}

func FuzzParseCase(f *testing.F) {
	f.Add("export default 1;\n/*\nPOST /a?b\nx-test: 1\n\nbody\n--- 201\ny: 2\n\nanswer\n=== GET /\n--- 204\n*/\n")
	f.Fuzz(func(t *testing.T, text string) {
		if c, err := parseCase("x", text); err == nil && len(c.Exchanges) == 0 {
			t.Error("a case without exchanges")
		}
	})
}
