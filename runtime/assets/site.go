package assets

import (
	"encoding/json"
	"fmt"
	"net/url"
	"path"
	"slices"
	"strings"
)

// A File is one static file.
type File struct {
	Hash string
	Size int64 // bytes
}

// Config is the asset configuration as wrangler uploads it.
type Config struct {
	HTMLHandling     string         `json:"html_handling"`
	NotFoundHandling string         `json:"not_found_handling"`
	RunWorkerFirst   RunWorkerFirst `json:"run_worker_first"`
	Redirects        string         `json:"_redirects"` // the file's text
	Headers          string         `json:"_headers"`   // the file's text
}

// The values of Config.HTMLHandling; "" is AutoTrailingSlash.
const (
	AutoTrailingSlash  = "auto-trailing-slash"
	ForceTrailingSlash = "force-trailing-slash"
	DropTrailingSlash  = "drop-trailing-slash"
	NoHTMLHandling     = "none"
)

// The values of Config.NotFoundHandling; "" and "none" leave a missing file to the worker.
const (
	NotFoundPage          = "404-page"
	SinglePageApplication = "single-page-application"
)

// RunWorkerFirst says which requests go to the worker before the files: all, or those
// whose path matches a pattern and no pattern that begins with "!".
type RunWorkerFirst struct {
	All      bool
	Patterns []string
}

// UnmarshalJSON takes a boolean or an array of patterns.
func (r *RunWorkerFirst) UnmarshalJSON(text []byte) error {
	if err := json.Unmarshal(text, &r.All); err == nil {
		return nil
	}
	if err := json.Unmarshal(text, &r.Patterns); err != nil {
		return fmt.Errorf("run_worker_first must be true, false or an array of patterns")
	}
	return nil
}

// A Site is the static files of one version. It is immutable.
type Site struct {
	files     map[string]File
	html      string
	notFound  string
	first     RunWorkerFirst
	redirects []redirect
	headers   []headerRule
}

// New makes a site of its files by path. config is JSON text, or empty.
func New(files map[string]File, config []byte) (*Site, error) {
	var c Config
	if len(config) > 0 {
		if err := json.Unmarshal(config, &c); err != nil {
			return nil, fmt.Errorf("asset configuration: %w", err)
		}
	}
	s := &Site{files: files, html: c.HTMLHandling, notFound: c.NotFoundHandling, first: c.RunWorkerFirst}
	switch s.html {
	case "":
		s.html = AutoTrailingSlash
	case AutoTrailingSlash, ForceTrailingSlash, DropTrailingSlash, NoHTMLHandling:
	default:
		return nil, fmt.Errorf("html_handling %q must be %s, %s, %s or %s", s.html, AutoTrailingSlash, ForceTrailingSlash, DropTrailingSlash, NoHTMLHandling)
	}
	if !slices.Contains([]string{"", "none", NotFoundPage, SinglePageApplication}, s.notFound) {
		return nil, fmt.Errorf("not_found_handling %q must be none, %s or %s", s.notFound, NotFoundPage, SinglePageApplication)
	}
	for _, p := range s.first.Patterns {
		if !strings.HasPrefix(strings.TrimPrefix(p, "!"), "/") {
			return nil, fmt.Errorf("run_worker_first pattern %q must begin with / or !/", p)
		}
	}
	var err error
	if s.redirects, err = parseRedirects(c.Redirects); err != nil {
		return nil, err
	}
	if s.headers, err = parseHeaders(c.Headers); err != nil {
		return nil, err
	}
	return s, nil
}

// WorkerFirst reports whether a request for the path goes to the worker before the files.
func (s *Site) WorkerFirst(path string) bool {
	if s.first.All {
		return true
	}
	first := false
	for _, p := range s.first.Patterns {
		if negated, ok := strings.CutPrefix(p, "!"); ok {
			if matches(negated, path) {
				return false
			}
		} else if matches(p, path) {
			first = true
		}
	}
	return first
}

// matches reports whether path matches a pattern in which each * stands for any text.
func matches(pattern, path string) bool {
	parts := strings.Split(pattern, "*")
	rest, ok := strings.CutPrefix(path, parts[0])
	if !ok {
		return false
	}
	if len(parts) == 1 {
		return rest == ""
	}
	for _, part := range parts[1 : len(parts)-1] {
		i := strings.Index(rest, part)
		if i < 0 {
			return false
		}
		rest = rest[i+len(part):]
	}
	return strings.HasSuffix(rest, parts[len(parts)-1])
}

// An Answer says how a request is answered.
type Answer struct {
	// Found is set when a file answers, with the path it has.
	Found bool
	File  File
	Path  string
	// Status is 200, 404 for a not-found page, or that of a redirect.
	Status int
	// Location is where a redirect leads.
	Location string
}

// Find answers a request for a target, a path with or without a query. ok is false
// when no file and no redirect is meant: the request is the worker's, if there is one.
func (s *Site) Find(target string) (a Answer, ok bool) {
	raw, query, hasQuery := strings.Cut(target, "?")
	if hasQuery {
		query = "?" + query
	}
	for _, r := range s.redirects {
		to, ok := r.apply(raw)
		if !ok {
			continue
		}
		if r.status == 200 { // answered by another path, without telling
			raw = to
			break
		}
		if !strings.Contains(to, "?") {
			to += query
		}
		return Answer{Status: r.status, Location: to}, true
	}
	decoded, err := url.PathUnescape(raw)
	if err != nil {
		return a, false
	}
	file, redirect := s.resolve(decoded)
	switch {
	case file != "":
		return Answer{Found: true, File: s.files[file], Path: file, Status: 200}, true
	case redirect != "":
		return Answer{Status: 307, Location: escape(redirect) + query}, true
	}
	return a, false
}

// Missing answers a request that neither a file nor the worker has answered.
func (s *Site) Missing(target string) (Answer, bool) {
	switch s.notFound {
	case SinglePageApplication:
		if f, ok := s.files["/index.html"]; ok {
			return Answer{Found: true, File: f, Path: "/index.html", Status: 200}, true
		}
	case NotFoundPage:
		raw, _, _ := strings.Cut(target, "?")
		for dir := path.Dir(path.Clean("/" + raw)); ; dir = path.Dir(dir) {
			page := path.Join(dir, "404.html")
			if f, ok := s.files[page]; ok {
				return Answer{Found: true, File: f, Path: page, Status: 404}, true
			}
			if dir == "/" {
				break
			}
		}
	}
	return Answer{}, false
}

func escape(p string) string { return (&url.URL{Path: p}).EscapedPath() }
