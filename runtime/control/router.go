package control

import (
	"net/url"
	"strings"

	"github.com/mayfly-edge/mayfly/runtime/script"
)

// An endpoint is one method on one path.
type endpoint struct {
	method string
	// pattern is a path whose segments are texts or {name}; a last segment {name...}
	// takes the rest. Method "*" takes every method.
	pattern string
	// scope is what the token must allow. "" needs any valid token, open needs none.
	scope script.Scope
	open  bool
	limit int // most bytes of body
	run   func(*call) (any, error)
	names []string
}

// A router finds endpoints by the path as it was sent: it is split first and decoded
// after, so a "/" inside a KV key stays inside its segment.
type router struct{ root node }

type node struct {
	fixed   map[string]*node
	param   *node
	rest    *node
	methods map[string]*endpoint
}

func newRouter() *router { return &router{} }

func (r *router) add(e endpoint) {
	n := &r.root
	for _, segment := range strings.Split(strings.TrimPrefix(e.pattern, "/"), "/") {
		name, isParam := strings.CutPrefix(segment, "{")
		name = strings.TrimSuffix(name, "}")
		next := &n.param
		if base, isRest := strings.CutSuffix(name, "..."); isRest {
			next, name = &n.rest, base
		}
		if isParam {
			e.names = append(e.names, name)
			if *next == nil {
				*next = &node{}
			}
			n = *next
			continue
		}
		if n.fixed == nil {
			n.fixed = map[string]*node{}
		}
		if n.fixed[segment] == nil {
			n.fixed[segment] = &node{}
		}
		n = n.fixed[segment]
	}
	if n.methods == nil {
		n.methods = map[string]*endpoint{}
	}
	n.methods[e.method] = &e
}

// find returns the endpoint and the decoded parameters. The endpoint is nil when there
// is none; known then tells whether the path exists with another method.
func (r *router) find(method, path string) (e *endpoint, params map[string]string, known bool, err error) {
	segments := strings.Split(strings.TrimPrefix(path, "/"), "/")
	n, values := r.root.match(segments, nil)
	if n == nil {
		return nil, nil, false, nil
	}
	if e = n.methods[method]; e == nil {
		e = n.methods["*"]
	}
	if e == nil {
		return nil, nil, true, nil
	}
	params = make(map[string]string, len(values))
	for i, v := range values {
		if v, err = url.PathUnescape(v); err != nil {
			return nil, nil, true, badRequest("the path is not properly encoded: %v", err)
		}
		params[e.names[i]] = v
	}
	return e, params, true, nil
}

func (n *node) match(segments, values []string) (*node, []string) {
	if len(segments) == 0 {
		if n.methods == nil {
			return nil, nil
		}
		return n, values
	}
	if next := n.fixed[segments[0]]; next != nil {
		if found, v := next.match(segments[1:], values); found != nil {
			return found, v
		}
	}
	if n.param != nil && segments[0] != "" {
		if found, v := n.param.match(segments[1:], append(values[:len(values):len(values)], segments[0])); found != nil {
			return found, v
		}
	}
	if n.rest != nil {
		return n.rest, append(values[:len(values):len(values)], strings.Join(segments, "/"))
	}
	return nil, nil
}
