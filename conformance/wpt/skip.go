package wpt

import (
	"path"
	"regexp"
	"slices"
	"strings"
)

// Why tests are left out.
const (
	needsServer = "needs the WPT server"
	needsDOM    = "needs a DOM"
	needsWorker = "starts another worker"
	needsXHR    = "needs XMLHttpRequest"
	needsPost   = "needs window.postMessage()"
	needsAPI    = "needs a browser API"
	insecure    = "is about insecure contexts"
)

// signs are found in tests that cannot run in a worker.
var signs = []struct {
	reason  string
	pattern *regexp.Regexp
}{
	{needsServer, regexp.MustCompile(`\.py\b|\.asis\b|get-host-info|get_host_info|\{\{[a-zA-Z]|RESOURCES_DIR|TOP_DIR|\bwptserve\b|/common/(blank|slow)|\btoken\(\)|\b(HTTP|HTTPS)_[A-Z_]*ORIGIN\b|\?pipe=|testDriver|test_driver`)},
	{needsWorker, regexp.MustCompile(`new (Shared)?Worker\(`)},
	{needsXHR, regexp.MustCompile(`XMLHttpRequest`)},
	{needsAPI, regexp.MustCompile(`\bindexedDB\b|navigator\.serviceWorker|createImageBitmap|OffscreenCanvas|ImageData\(|RTCPeerConnection|navigator\.storage|new Notification\(|\bimportScripts\(`)},
	{needsDOM, regexp.MustCompile(`\bdocument\b\s*[.\[,)]|\bwindow\s*[.\[]|\b(HTML[A-Za-z]*Element|Node|iframe)\b|new Image\(|with_iframe`)},
	{needsPost, regexp.MustCompile(`(?m)\b(self|globalThis)\.postMessage\(|^\s*postMessage\(`)},
}

var (
	comment = regexp.MustCompile(`(?m)^\s*//.*$|(?s)/\*.*?\*/`)
	// guarded tests ask where they are before they touch what is not everywhere.
	guarded = regexp.MustCompile(`isWindow\(\)|['"](document|window|Window|XMLHttpRequest)['"] in |typeof (document|window|XMLHttpRequest)`)
)

// skip says why a test cannot run in a worker, or nothing. scripts are the texts of those
// that it names.
func skip(t *Test, scripts []string) string {
	workers := func(g string) bool {
		return slices.Contains([]string{"worker", "dedicatedworker", "serviceworker", "sharedworker", "jsshell", "!default"}, g)
	}
	if len(t.Globals) > 0 && !slices.ContainsFunc(t.Globals, workers) {
		return needsDOM
	}
	if base := path.Base(t.Path); strings.Contains(base, ".h2.") || strings.Contains(base, ".sub.") {
		return needsServer
	}
	for _, s := range t.Scripts {
		if strings.Contains(s, "IndexedDB/") {
			return needsAPI
		}
		for _, sign := range []string{".sub.", "get-host-info", "testdriver", "send-file-form"} {
			if strings.Contains(s, sign) {
				return needsServer
			}
		}
	}
	if strings.HasPrefix(path.Base(t.Path), "idlharness") {
		return ""
	}
	for _, text := range scripts {
		if strings.Contains(text, "new XMLHttpRequest") {
			return needsXHR
		}
	}
	if strings.Contains(t.source, "Non-secure context") {
		return insecure
	}
	code := comment.ReplaceAllString(t.source, "")
	for _, s := range signs {
		if s.pattern.MatchString(code) && (s.reason == needsServer || !guarded.MatchString(code)) {
			return s.reason
		}
	}
	return ""
}
