package conformance

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/mayfly-edge/mayfly/conformance/npm"
	"github.com/mayfly-edge/mayfly/conformance/process"
)

// greeting is a variable of every case's worker.
const greeting = "Hello"

//go:embed reference.mjs
var referenceScript string

// RunReference runs Mayfly's own cases on workerd, with the store of miniflare, and writes
// where its answers differ from what the cases ask of Mayfly. The error wraps ErrFailed
// if one differs whose case does not say why, or one does not that says so. It needs Node
// and npm: the error wraps npm.ErrAbsent without them.
func RunReference(ctx context.Context, out io.Writer) (err error) {
	cases, err := Cases()
	if err != nil {
		return err
	}
	cache, err := npm.UserCache()
	if err != nil {
		return err
	}
	dir, err := cache.Install(ctx, "miniflare@"+npm.Miniflare)
	if err != nil {
		return err
	}
	o, err := startOrigin()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, o.Close()) }()
	v := newVisitor()
	defer v.client.CloseIdleConnections()
	p, err := startReference(ctx, dir, o.url, &v, cases)
	if err != nil {
		return err
	}
	defer p.Stop()

	same, failed := 0, 0
	for _, c := range cases {
		err := v.visit(ctx, c)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		switch {
		case err == nil && c.Differs == "":
			same++
		case err == nil:
			failed++
			fmt.Fprintf(out, "%s.js: workerd answers the same, but was known to differ: %s\n", c.Name, c.Differs)
		case c.Differs == "":
			failed++
			fmt.Fprintln(out, err)
		}
	}
	fmt.Fprintf(out, "%d cases: workerd answers %d alike, %d otherwise for a known reason, %d unexpectedly\n", len(cases), same, len(cases)-same-failed, failed)
	if failed > 0 {
		return fmt.Errorf("%w: %d cases", ErrFailed, failed)
	}
	return nil
}

// startReference starts one workerd with the workers of all cases.
func startReference(ctx context.Context, dir, origin string, v *visitor, cases []Case) (*process.Process, error) {
	addr, err := process.FreeAddr()
	if err != nil {
		return nil, err
	}
	v.addr = addr
	_, port, _ := strings.Cut(addr, ":")
	type worker struct {
		Name, Code string
		Classic    bool
		Flags      []string
	}
	setup := struct {
		Port             json.Number
		Origin, Greeting string
		Workers          []worker
	}{Port: json.Number(port), Origin: origin, Greeting: greeting}
	for _, c := range cases {
		setup.Workers = append(setup.Workers, worker{c.Name, c.Code, c.Classic, append([]string{}, c.Flags...)})
	}
	b, err := json.Marshal(setup)
	if err != nil {
		return nil, err
	}
	// The script looks for miniflare beside itself.
	script, list := filepath.Join(dir, "reference.mjs"), filepath.Join(dir, "reference.json")
	if err := errors.Join(os.WriteFile(script, []byte(referenceScript), 0o644), os.WriteFile(list, b, 0o644)); err != nil {
		return nil, err
	}
	p, err := process.Start(nil, "node", script, list)
	if err != nil {
		return nil, err
	}
	// One process starts the workers of all cases.
	if err := p.ReadyWithin(ctx, 5*time.Minute, process.Listening(addr)); err != nil {
		p.Stop()
		return nil, p.Explain(err)
	}
	return p, nil
}
