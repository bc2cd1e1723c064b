package wpt

import (
	"bufio"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// A Test is one *.any.js file of a checkout.
type Test struct {
	// Path is relative to the checkout.
	Path string
	Metadata
	// Skip says why the test cannot run in a worker; "" if it can.
	Skip string

	source string
}

// Metadata is what the comments at the head of a test say:
// https://web-platform-tests.org/writing-tests/testharness.html#specifying-a-title
type Metadata struct {
	Title    string
	Scripts  []string // as written: relative to the test, or to the checkout if they begin with /
	Variants []string // such as "?1-1000"; at least one, "" if the test names none
	Globals  []string
	Long     bool // the test may take long
}

// parseMetadata reads the META comments, which end at the first line of code.
func parseMetadata(source string) Metadata {
	var m Metadata
	lines := bufio.NewScanner(strings.NewReader(source))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		line := strings.TrimSpace(lines.Text())
		if line != "" && !strings.HasPrefix(line, "//") {
			break
		}
		meta, ok := strings.CutPrefix(strings.TrimSpace(strings.TrimPrefix(line, "//")), "META:")
		if !ok {
			continue
		}
		key, value, _ := strings.Cut(strings.TrimSpace(meta), "=")
		switch key {
		case "title":
			m.Title = value
		case "script":
			m.Scripts = append(m.Scripts, value)
		case "variant":
			m.Variants = append(m.Variants, value)
		case "global":
			for g := range strings.SplitSeq(value, ",") {
				m.Globals = append(m.Globals, strings.TrimSpace(g))
			}
		case "timeout":
			m.Long = value == "long"
		}
	}
	if len(m.Variants) == 0 {
		m.Variants = []string{""}
	}
	return m
}

// DefaultAreas are the folders of a checkout whose tests a worker can be measured by.
var DefaultAreas = []string{
	"compression", "console", "dom/abort", "dom/events", "encoding", "eventsource", "fetch/api", "fetch/content-type", "fetch/data-urls",
	"FileAPI", "hr-time", "html/infrastructure/safe-passing-of-structured-data", "html/webappapis", "mimesniff", "performance-timeline",
	"streams", "timing-entrytypes-registry", "url", "urlpattern", "user-timing", "wasm", "WebCryptoAPI", "WebIDL", "webmessaging",
	"websockets", "xhr/formdata",
}

// Collect finds the tests of a checkout in some areas, each a folder or a file, ordered
// by path. No areas means DefaultAreas, of which a checkout may lack some.
func Collect(checkout fs.FS, areas []string) ([]*Test, error) {
	if _, err := fs.Stat(checkout, harnessPath); err != nil {
		return nil, fmt.Errorf("this is no checkout of web-platform-tests: %w", err)
	}
	given := len(areas) > 0
	if !given {
		areas = DefaultAreas
	}
	var tests []*Test
	for _, area := range areas {
		area = path.Clean(area)
		if _, err := fs.Stat(checkout, area); err != nil {
			if given {
				return nil, err
			}
			continue
		}
		err := fs.WalkDir(checkout, area, func(p string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(p, ".any.js") {
				return err
			}
			b, err := fs.ReadFile(checkout, p)
			if err != nil {
				return err
			}
			t := &Test{Path: p, Metadata: parseMetadata(string(b)), source: string(b)}
			var scripts []string
			for _, s := range t.Scripts {
				// One that is missing is the failure of whoever runs the test.
				if text, err := readScript(checkout, t, s); err == nil {
					scripts = append(scripts, string(text))
				}
			}
			t.Skip = skip(t, scripts)
			tests = append(tests, t)
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	slices.SortFunc(tests, func(a, b *Test) int { return strings.Compare(a.Path, b.Path) })
	return slices.CompactFunc(tests, func(a, b *Test) bool { return a.Path == b.Path }), nil
}

// Directory is the row of the table that the test counts in.
func (t *Test) Directory() string {
	if strings.HasPrefix(path.Base(t.Path), "idlharness") {
		return "idlharness (all areas)"
	}
	return path.Dir(t.Path)
}
