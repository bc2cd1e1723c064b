package assets

import "strings"

// resolve finds the file that a path means, or the path to redirect to.
// https://developers.cloudflare.com/workers/static-assets/routing/advanced/html-handling/
func (s *Site) resolve(p string) (file, redirect string) {
	if s.html == NoHTMLHandling {
		if s.has(p) {
			return p, ""
		}
		return "", ""
	}
	// A file that is not a page is served at its own path only.
	if s.has(p) && !strings.HasSuffix(p, ".html") {
		return p, ""
	}
	page, slash := s.page(p)
	if page == "" {
		return "", ""
	}
	if at := s.address(page, slash); at != p {
		// A redirect must lead to the same file, or it would hide another.
		if other, _ := s.page(at); other != page {
			return page, ""
		}
		if strings.HasPrefix(at, "//") { // would be another host
			return "", ""
		}
		return "", at
	}
	return page, ""
}

func (s *Site) has(p string) bool {
	_, ok := s.files[p]
	return ok
}

// page finds the page that a path means, however it is written: with index.html or
// .html, with a slash at the end or without. slash reports whether it has one.
func (s *Site) page(p string) (file string, slash bool) {
	bare := p
	switch {
	case strings.HasSuffix(p, "/index.html"):
		bare = strings.TrimSuffix(p, "index.html")
	case strings.HasSuffix(p, ".html"):
		bare = strings.TrimSuffix(p, ".html")
	case strings.HasSuffix(p, "/index"):
		bare = strings.TrimSuffix(p, "index")
	}
	slash = strings.HasSuffix(bare, "/")
	name := strings.TrimSuffix(bare, "/")
	flat, index := name+".html", name+"/index.html"
	// A path with a slash prefers the folder's page, one without the flat file.
	first, second := flat, index
	if slash {
		first, second = index, flat
	}
	if name != "" && s.has(first) || first == index && s.has(index) {
		return first, slash
	}
	if name != "" && s.has(second) || second == index && s.has(index) {
		return second, slash
	}
	if s.has(p) {
		return p, slash
	}
	return "", slash
}

// address is the path at which a page is served.
func (s *Site) address(page string, slash bool) string {
	folder, isIndex := strings.CutSuffix(page, "index.html")
	isIndex = isIndex && strings.HasSuffix(folder, "/")
	if folder == "/" && isIndex {
		return "/"
	}
	bare := strings.TrimSuffix(page, ".html")
	if isIndex {
		bare = strings.TrimSuffix(folder, "/")
	}
	switch s.html {
	case ForceTrailingSlash:
		return bare + "/"
	case DropTrailingSlash:
		return bare
	}
	if isIndex {
		return bare + "/"
	}
	return bare
}
