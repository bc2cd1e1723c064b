package project

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/BurntSushi/toml"
	"github.com/tailscale/hujson"
)

// fileNames are the names of project files, the first found in a folder counts.
var fileNames = [...]string{"wrangler.jsonc", "wrangler.json", "wrangler.toml"}

// find returns the project file of a folder, or "" if it has none.
func find(dir string) string {
	for _, name := range fileNames {
		path := filepath.Join(dir, name)
		if st, err := os.Stat(path); err == nil && st.Mode().IsRegular() {
			return path
		}
	}
	return ""
}

// parse reads a project file as JSON text, whatever syntax it is written in.
func parse(path string, text []byte) ([]byte, error) {
	if strings.HasSuffix(path, ".toml") {
		return parseTOML(path, text)
	}
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	plain, err := hujson.Standardize(bytes.Clone(text))
	if err != nil {
		return nil, fmt.Errorf("%s: %s", path, strings.TrimPrefix(err.Error(), "hujson: "))
	}
	return plain, nil
}

func parseTOML(path string, text []byte) ([]byte, error) {
	var tree map[string]any
	if _, err := toml.Decode(string(text), &tree); err != nil {
		var where toml.ParseError
		if errors.As(err, &where) {
			return nil, fmt.Errorf("%s:%d:%d: %s", path, where.Position.Line, where.Position.Col, where.Message)
		}
		return nil, fmt.Errorf("%s: %s", path, strings.TrimPrefix(err.Error(), "toml: "))
	}
	return json.Marshal(plainDates(tree))
}

// plainDates turns TOML's dates into the texts they were written as, since
// compatibility_date = 2026-01-01 is easily written without quotes.
func plainDates(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, e := range v {
			v[k] = plainDates(e)
		}
	case []map[string]any:
		for _, e := range v {
			plainDates(e)
		}
	case []any:
		for i, e := range v {
			v[i] = plainDates(e)
		}
	case time.Time:
		if v.Hour() == 0 && v.Minute() == 0 && v.Second() == 0 && v.Nanosecond() == 0 {
			return v.Format(time.DateOnly)
		}
		return v.Format(time.RFC3339Nano)
	}
	return v
}
