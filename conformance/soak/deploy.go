package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync/atomic"

	"github.com/mayfly-edge/mayfly/conformance/process"
	"github.com/mayfly-edge/mayfly/conformance/remote"
)

// A deployer uploads the workers, again and again.
type deployer struct {
	m         *process.Mayfly
	namespace string
	number    atomic.Int64
}

func newDeployer(ctx context.Context, m *process.Mayfly) (*deployer, error) {
	id, err := m.API.CreateNamespace(ctx, "soak")
	if err != nil {
		return nil, err
	}
	d := &deployer{m: m, namespace: id}
	for _, w := range workers {
		if err := d.deploy(ctx, w); err != nil {
			return nil, fmt.Errorf("%s: %w", w.name, err)
		}
	}
	return d, nil
}

// deploy uploads a worker that differs from what it was by a comment.
func (d *deployer) deploy(ctx context.Context, w deployed) error {
	up := remote.Worker{Name: w.name, Code: fmt.Sprintf("%s // %d", w.code, d.number.Add(1)), CPU: w.cpu}
	if w.kv {
		up.KV = map[string]string{"KV": d.namespace}
	}
	if w.service != "" {
		up.Bindings = []map[string]any{{"type": "service", "name": "BACK", "service": w.service}}
	}
	return d.m.API.Deploy(ctx, up)
}

// again deploys one of the workers anew.
func (d *deployer) again(ctx context.Context) error {
	return d.deploy(ctx, workers[rand.IntN(len(workers))])
}

// passing deploys a worker nobody has seen before, asks it, and deletes it.
func (d *deployer) passing(ctx context.Context, c *clients) error {
	w := deployed{name: fmt.Sprintf("passing-%d", d.number.Add(1)), code: helloCode}
	if err := d.deploy(ctx, w); err != nil {
		return err
	}
	if err := c.expect(ctx, "GET", w.name, "/", "", 200, "Hello World"); err != nil {
		return err
	}
	return d.m.API.Delete(ctx, w.name)
}
