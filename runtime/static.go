package runtime

import (
	"context"
	"net/url"
	"strings"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/mayfly-edge/mayfly/isolate/outside"
	"github.com/mayfly-edge/mayfly/runtime/assets"
	"github.com/mayfly-edge/mayfly/runtime/ingress"
	"github.com/mayfly-edge/mayfly/runtime/script"
)

// static is the static files of a version, answered without entering an isolate.
type static struct {
	rt      *Runtime
	account string
	name    string
	version string
	site    *assets.Site
	only    bool // there is no worker behind the files
}

// fileCache keeps the contents of files that were served, the least recently used
// dropped first. Its bound is a count of files of at most cachedFile bytes.
type fileCache = lru.Cache[string, file]

const (
	cachedFiles = 1024
	cachedFile  = 64 << 10 // bytes; longer files are read from the store each time
)

type file struct {
	contentType string
	content     []byte
}

// loadStatic describes the files of a version, nil if it has none.
func (rt *Runtime) loadStatic(tx *script.Tx, v *script.Version) (*static, error) {
	if v.Assets == nil {
		return nil, nil
	}
	manifest, err := tx.Manifest(v.Account, v.Script, v.Assets.Manifest)
	if err != nil {
		return nil, err
	}
	files := make(map[string]assets.File, len(manifest))
	for path, e := range manifest {
		files[path] = assets.File{Hash: e.Hash, Size: e.Size}
	}
	site, err := assets.New(files, v.Assets.Config)
	if err != nil {
		return nil, err
	}
	return &static{rt: rt, account: v.Account, name: v.Script, version: v.ID, site: site, only: v.Format == script.AssetsOnly}, nil
}

// serve answers a request of a client's from the files; false means that it is the
// worker's.
func (s *static) serve(x *ingress.Exchange) bool {
	path, _, _ := strings.Cut(x.Target(), "?")
	if !s.only && s.site.WorkerFirst(path) {
		return false
	}
	a, ok := s.site.Find(x.Target())
	if !ok && s.only {
		if a, ok = s.site.Missing(x.Target()); !ok {
			_ = x.RespondPage(ingress.Page{Status: 404, Title: "Not Found", Detail: "There is no file at this path."})
			return true
		}
	}
	if !ok {
		return false
	}
	if m := x.Method(); m != "GET" && m != "HEAD" {
		if !s.only {
			return false
		}
		_ = x.RespondPage(ingress.Page{Status: 405, Title: "Method Not Allowed", Detail: "Files can only be read.", Header: []outside.Field{{Name: "allow", Value: "GET, HEAD"}}})
		return true
	}
	req := x.Request()
	req.Body.Close()
	start := s.rt.cfg.Now()
	res, err := s.respond(req, path, a)
	if err != nil {
		s.rt.cfg.Log.Error("static file not read", "script", s.name, "path", path, "error", err)
		_ = x.RespondPage(ingress.PageFor(500, "The file could not be read."))
		return true
	}
	r := &outside.Report{
		Account: s.account, Script: s.name, Version: s.version, Entrypoint: "default", Invocation: x.RequestID(), Event: outside.EventAsset,
		Method: req.Method, URL: req.URL, Header: req.Header, Status: res.Status, Outcome: outside.OutcomeOK, Start: start,
		BytesOut: int64(len(res.Body.Bytes)),
		Internal: true, // files are free
	}
	if err := x.Respond(res); err != nil {
		r.Outcome = outside.OutcomeStreamDisconnected
	}
	r.Wall = s.rt.cfg.Now().Sub(start)
	s.rt.publish(r)
	return true
}

func (s *static) respond(req *outside.Request, path string, a assets.Answer) (*outside.Response, error) {
	var f file
	if a.Found {
		var err error
		if f, err = s.read(a.File); err != nil {
			return nil, err
		}
	}
	return s.site.Respond(req, path, a, f.contentType, f.content), nil
}

// read returns a file's type and content.
func (s *static) read(f assets.File) (file, error) {
	key := s.account + "/" + f.Hash
	if found, ok := s.rt.files.Get(key); ok {
		return found, nil
	}
	var found file
	err := s.rt.store.View(func(tx *script.Tx) (err error) {
		found.contentType, found.content, err = tx.Asset(s.account, f.Hash)
		return err
	})
	if err == nil && len(found.content) <= cachedFile {
		s.rt.files.Add(key, found)
	}
	return found, err
}

// fetch answers env.ASSETS.fetch: the files alone, a missing one by the not-found handling.
func (s *static) fetch(_ context.Context, req *outside.Request) (*outside.Response, error) {
	defer req.Body.Close()
	u, err := url.Parse(req.URL)
	if err != nil {
		return nil, outside.Errorf(outside.KindType, "Invalid URL: %s", req.URL)
	}
	if req.Method != "GET" && req.Method != "HEAD" {
		return &outside.Response{Status: 405, Header: []outside.Field{{Name: "allow", Value: "GET, HEAD"}}, Body: outside.Body{Bytes: []byte{}}}, nil
	}
	target := u.EscapedPath()
	if u.RawQuery != "" {
		target += "?" + u.RawQuery
	}
	a, ok := s.site.Find(target)
	if !ok {
		if a, ok = s.site.Missing(target); !ok {
			return &outside.Response{Status: 404, Body: outside.Body{Bytes: []byte{}}}, nil
		}
	}
	res, err := s.respond(req, u.EscapedPath(), a)
	if err == nil && req.Method == "HEAD" {
		res.Body = outside.Body{Bytes: []byte{}}
	}
	return res, err
}
