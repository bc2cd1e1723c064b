package tail

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/mayfly-edge/mayfly/isolate/outside"
)

// A Filter passes or holds back a report. A viewer's filters must all pass.
type Filter func(*outside.Report) bool

// filterForm is one entry of the filter list; exactly one field is set.
type filterForm struct {
	SamplingRate *float64 `json:"sampling_rate"`
	Outcome      []string `json:"outcome"`
	Method       []string `json:"method"`
	Header       *struct {
		Key   string `json:"key"`
		Query string `json:"query"`
	} `json:"header"`
	ClientIP      []string `json:"client_ip"`
	Query         *string  `json:"query"`
	ScriptVersion *string  `json:"scriptVersion"`
}

// ParseFilters reads a JSON array of filters; empty text and null have none. viewer is
// the address of the one who watches, which the client address "self" stands for.
func ParseFilters(text json.RawMessage, viewer string) ([]Filter, error) {
	text = bytes.TrimSpace(text)
	if len(text) == 0 || string(text) == "null" {
		return nil, nil
	}
	var entries []json.RawMessage
	if err := json.Unmarshal(text, &entries); err != nil {
		return nil, fmt.Errorf("filters must be an array of objects: %w", err)
	}
	var list []Filter
	for i, entry := range entries {
		f, err := parseFilter(entry, viewer)
		if err != nil {
			return nil, fmt.Errorf("filter %d: %w", i+1, err)
		}
		list = append(list, f)
	}
	return list, nil
}

func parseFilter(entry json.RawMessage, viewer string) (Filter, error) {
	var f filterForm
	d := json.NewDecoder(bytes.NewReader(entry))
	d.DisallowUnknownFields()
	if err := d.Decode(&f); err != nil {
		return nil, err
	}
	switch {
	case f.SamplingRate != nil:
		rate := *f.SamplingRate
		if !(rate >= 0 && rate <= 1) {
			return nil, fmt.Errorf("sampling_rate %v must be between 0 and 1", rate)
		}
		return func(*outside.Report) bool { return rand.Float64() < rate }, nil
	case f.Outcome != nil:
		return func(r *outside.Report) bool { return slices.Contains(f.Outcome, string(r.Outcome)) }, nil
	case f.Method != nil:
		return func(r *outside.Report) bool {
			return slices.ContainsFunc(f.Method, func(m string) bool { return strings.EqualFold(m, r.Method) })
		}, nil
	case f.Header != nil:
		key := strings.ToLower(f.Header.Key)
		return func(r *outside.Report) bool {
			return slices.ContainsFunc(r.Header, func(h outside.Field) bool {
				return h.Name == key && strings.Contains(h.Value, f.Header.Query)
			})
		}, nil
	case f.ClientIP != nil:
		for i, ip := range f.ClientIP {
			if ip == "self" {
				f.ClientIP[i] = viewer
			}
		}
		return func(r *outside.Report) bool { return slices.Contains(f.ClientIP, header(r, "cf-connecting-ip")) }, nil
	case f.Query != nil:
		return func(r *outside.Report) bool {
			return slices.ContainsFunc(r.Logs, func(l outside.LogLine) bool { return strings.Contains(l.Text, *f.Query) })
		}, nil
	case f.ScriptVersion != nil:
		return func(r *outside.Report) bool { return r.Version == *f.ScriptVersion }, nil
	}
	return nil, fmt.Errorf("%s is none of sampling_rate, outcome, method, header, client_ip, query and scriptVersion", entry)
}

func header(r *outside.Report, name string) string {
	for _, h := range r.Header {
		if h.Name == name {
			return h.Value
		}
	}
	return ""
}
