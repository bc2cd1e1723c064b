package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"

	"github.com/valyala/fasthttp"

	"github.com/mayfly-edge/mayfly/conformance/process"
)

// floor answers each path with a text made beforehand, having read the request: what the
// HTTP server alone costs for the same bytes in and out.
func floor(answers map[string]string) *fasthttp.Server {
	made := make(map[string][]byte, len(answers))
	for path, text := range answers {
		made[path] = []byte(text)
	}
	return &fasthttp.Server{MaxRequestBodySize: 2 * megabyte, Handler: func(c *fasthttp.RequestCtx) {
		path := c.Path()
		text, ok := made[string(path)]
		if !ok {
			c.SetStatusCode(fasthttp.StatusNotFound)
			return
		}
		c.SetContentType("text/plain;charset=UTF-8")
		c.Response.SetBodyRaw(text)
	}}
}

// serveFloor is a child process, until ctx ends: the answers are in a file of JSON.
func serveFloor(ctx context.Context, addr, file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var answers map[string]string
	if err := json.Unmarshal(text, &answers); err != nil {
		return err
	}
	s := floor(answers)
	failed := make(chan error, 1)
	go func() { failed <- s.ListenAndServe(addr) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
		return nil // connections are broken off
	}
}

// startFloor runs this program again as a bare fasthttp server.
func (b *bench) startFloor(ctx context.Context, cores []int, answers map[string]string) (p *process.Process, addr string, err error) {
	text, err := json.Marshal(answers)
	if err != nil {
		return nil, "", err
	}
	dir, err := os.MkdirTemp(b.dir, "fasthttp-")
	if err != nil {
		return nil, "", err
	}
	file := filepath.Join(dir, "answers.json")
	if err := os.WriteFile(file, text, 0o644); err != nil {
		return nil, "", err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, "", err
	}
	if addr, err = b.ports.free(); err != nil {
		return nil, "", err
	}
	p, err = onCores(cores, func() (*process.Process, error) {
		return process.Start(nil, self, "-serve-fasthttp", addr, file)
	})
	if err != nil {
		return nil, "", err
	}
	return p, addr, p.Ready(ctx, process.Listening(addr))
}
