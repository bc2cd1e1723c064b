package url

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// patternEntry is a case of urlpatterntestdata.json.
type patternEntry struct {
	Pattern       []any
	Inputs        []any
	ExactlyEmpty  []string `json:"exactly_empty_components"`
	ExpectedObj   any      `json:"expected_obj"`
	ExpectedMatch any      `json:"expected_match"`
}

// arguments turns the arguments of the constructor or of exec into those of
// the functions here. It reports whether they are ones that the class refuses:
// a base URL after a dictionary, or options before a base URL.
func arguments(args []any) (text string, init *PatternInit, base *string, options *PatternOptions, bad bool) {
	if len(args) == 0 {
		args = []any{map[string]any{}}
	}
	for i, arg := range args {
		switch arg := arg.(type) {
		case string:
			if i == 0 {
				text = arg
			} else {
				base = &arg
			}
		case map[string]any:
			if i > 0 {
				ignore, _ := arg["ignoreCase"].(bool)
				options = &PatternOptions{IgnoreCase: ignore}
				bad = i == 1 && len(args) == 3
			} else {
				init = new(PatternInit)
				for c := range ComponentBaseURL + 1 {
					if value, has := arg[c.String()].(string); has {
						init.Set(c, value)
					}
				}
			}
		}
	}
	return text, init, base, options, bad || init != nil && base != nil
}

func TestWPTPattern(t *testing.T) {
	var entries []json.RawMessage
	loadWPT(t, &entries, "urlpattern", "resources", "urlpatterntestdata.json")
	if !slices.ContainsFunc(entries, func(e json.RawMessage) bool { return strings.Contains(string(e), "ignoreCase") }) {
		t.Skip("the checkout is older than 2023, when the standard changed what is left out of a pattern")
	}
	tally := newTally(t)
	for _, raw := range entries {
		var entry patternEntry
		if json.Unmarshal(raw, &entry) != nil {
			continue // a comment
		}
		name, _ := json.Marshal([2]any{entry.Pattern, entry.Inputs})
		tally.check(string(name), checkPattern(t, &entry))
	}
}

// checkPattern runs one case as urlpatterntests.js does and says what differs.
func checkPattern(t *testing.T, entry *patternEntry) string {
	text, init, base, options, bad := arguments(entry.Pattern)
	var p *Pattern
	var err error
	if init != nil {
		p, err = NewPattern(init, options)
	} else {
		p, err = ParsePattern(text, base, options)
	}
	if entry.ExpectedObj == "error" {
		if err == nil && !bad {
			return "no error"
		}
		return ""
	}
	if err != nil {
		return err.Error()
	}
	expected, _ := entry.ExpectedObj.(map[string]any)
	for c := range components {
		if got, want := p.Component(c), expectedPattern(t, entry, expected, c); got != want {
			return fmt.Sprintf("%s is %q, want %q", c, got, want)
		}
	}
	text, init, base, _, bad = arguments(entry.Inputs)
	if entry.ExpectedMatch == "error" {
		if !bad {
			return "no error from exec"
		}
		return ""
	}
	var result *PatternResult
	var matched bool
	if init != nil {
		result, matched = p.ExecInit(init), p.TestInit(init)
	} else {
		result, matched = p.Exec(text, base), p.Test(text, base)
	}
	want, _ := entry.ExpectedMatch.(map[string]any)
	if matched != (want != nil) || matched != (result != nil) {
		return fmt.Sprintf("matches: %t, want %t", matched, want != nil)
	}
	for c := range components {
		if result == nil {
			break
		}
		groups := map[string]any{}
		for i, name := range result[c].Names {
			groups[name] = nil
			if result[c].Groups[i].Set {
				groups[name] = result[c].Groups[i].Value
			}
		}
		wanted, _ := want[c.String()].(map[string]any)
		if wanted == nil {
			empty := map[string]any{}
			if !slices.Contains(entry.ExactlyEmpty, c.String()) {
				empty["0"] = ""
			}
			wanted = map[string]any{"input": "", "groups": empty}
		}
		got, _ := json.Marshal(map[string]any{"input": result[c].Input, "groups": groups})
		expect, _ := json.Marshal(wanted)
		if string(got) != string(expect) {
			return fmt.Sprintf("%s is %s, want %s", c, got, expect)
		}
	}
	return ""
}

// expectedPattern is the pattern string that the case expects, or that
// follows from its arguments where it does not say.
func expectedPattern(t *testing.T, entry *patternEntry, expected map[string]any, c Component) string {
	if want, given := expected[c.String()].(string); given {
		return want
	}
	dictionary, _ := firstOf(entry.Pattern).(map[string]any)
	baseText, hasBase := dictionary["baseURL"].(string)
	if len(entry.Pattern) > 1 && !hasBase {
		baseText, hasBase = entry.Pattern[1].(string)
	}
	given, _ := dictionary[c.String()].(string)
	switch {
	case slices.Contains(entry.ExactlyEmpty, c.String()):
		return ""
	case given != "":
		return given
	case hasBase && c != ComponentUsername && c != ComponentPassword && !hasEarlier(dictionary, c):
		values := attributes(mustParse(t, baseText))
		value := values[c.String()]
		switch c {
		case ComponentProtocol:
			value = strings.TrimSuffix(value, ":")
		case ComponentSearch:
			value = strings.TrimPrefix(value, "?")
		case ComponentHash:
			value = strings.TrimPrefix(value, "#")
		}
		return value
	}
	return "*"
}

// hasEarlier reports whether the dictionary has a component before c, so that c
// is not inherited from the base URL.
func hasEarlier(dictionary map[string]any, c Component) bool {
	for earlier := range c {
		if _, has := dictionary[earlier.String()]; has && earlier != ComponentUsername && earlier != ComponentPassword {
			return true
		}
	}
	return false
}

func firstOf(args []any) any {
	if len(args) == 0 {
		return nil
	}
	return args[0]
}
