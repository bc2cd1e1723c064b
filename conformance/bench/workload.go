package main

import (
	"context"
	_ "embed"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/mayfly-edge/mayfly/isolate/compiler"
)

// A workload is a worker and the request that is made of it.
type workload struct {
	name string
	code string // one ES module
	path string
	want string // the whole body of the answer
	kv   bool   // it reads "kilobyte" of the namespace KV
}

//go:embed workers/hello.js
var helloCode string

//go:embed workers/kv.js
var kvCode string

//go:embed workers/hono.js
var honoCode string

// kilobyte is the value that the KV worker reads.
var kilobyte = strings.Repeat("0123456789abcdef", 64)

const (
	helloText = "Hello World"
	honoPath  = "/users/ada/posts/42?page=7"
	honoText  = `{"user":"ada","post":42,"page":"7"}`
)

// workloads are the workers that can be measured, in the order of the tables.
var workloads = []string{"hello", "hono", "kv"}

// makeWorkload prepares one of workloads. The error wraps errAbsent if npm would be needed.
func makeWorkload(ctx context.Context, name string, npm *packages) (workload, error) {
	switch name {
	case "hello":
		return workload{name: name, code: helloCode, path: "/", want: helloText}, nil
	case "kv":
		return workload{name: name, code: kvCode, path: "/", want: kilobyte, kv: true}, nil
	case "hono":
		code, err := bundle(ctx, honoCode, npm)
		return workload{name: name, code: code, path: honoPath, want: honoText}, err
	}
	return workload{}, fmt.Errorf("no worker is called %q; there are %s", name, strings.Join(workloads, ", "))
}

// bundle links a worker with the npm packages it imports, once for all servers.
func bundle(ctx context.Context, code string, npm *packages) (string, error) {
	dir, err := npm.install(ctx, "hono@"+honoVersion)
	if err != nil {
		return "", err
	}
	if err := os.WriteFile(filepath.Join(dir, "index.js"), []byte(code), 0o644); err != nil {
		return "", err
	}
	p, err := compiler.BuildProject(ctx, compiler.ProjectOptions{Dir: dir, Entry: "index.js"})
	if err != nil {
		return "", err
	}
	for _, m := range p.Source.Modules {
		if m.Name == p.Source.Main {
			return string(m.Contents), nil
		}
	}
	return "", fmt.Errorf("the bundle has no module %s", p.Source.Main)
}
