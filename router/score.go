package router

import (
	"cmp"
	"strings"
)

// hostWeight is how many path parts one host label outweighs.
const hostWeight = 26

// score is how specific a pattern is: 26 x host labels + path parts, where a label or
// part that is exactly "*" takes two away. Because of that "example.com/images*" goes
// before "example.com/images/*" for every path they share, as it does at Cloudflare:
// https://developers.cloudflare.com/workers/platform/known-issues/#route-specificity
//
// host and path are in normal form and still have their wildcards.
func score(host, path string) int {
	labels := strings.Count(host, ".") + 1
	if host == "*" || strings.HasPrefix(host, "*.") {
		labels -= 2
	}
	parts := strings.Count(path, "/") + 1
	if strings.HasSuffix(path, "/*") {
		parts -= 2
	}
	return hostWeight*labels + parts
}

// Compare is negative when p is asked before q. The higher score goes first, then the
// longer text; what is left is put in an arbitrary but fixed order, so that the order in
// which routes were made never matters.
func (p *Pattern) Compare(q *Pattern) int {
	return cmp.Or(
		cmp.Compare(q.score, p.score),
		cmp.Compare(len(q.text), len(p.text)),
		cmp.Compare(p.key, q.key),
		cmp.Compare(p.text, q.text),
	)
}
