package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/google/pprof/profile"

	"github.com/mayfly-edge/mayfly/conformance/process"
)

// profile writes profiles of Mayfly under load: CPU in a turn of its own, for the others
// take some, then allocations, waiting and contention.
func (b *bench) profile(ctx context.Context, r *results, up []*running) error {
	if err := os.MkdirAll(b.profiles, 0o755); err != nil {
		return err
	}
	for _, s := range up {
		for _, w := range b.workloads {
			if s.admin == nil || s.ways[w.name] == nil {
				continue
			}
			for _, kinds := range [][]string{{"profile"}, {"allocs", "block", "mutex"}} {
				found, err := b.profiled(ctx, s, &w, kinds...)
				if err != nil {
					return fmt.Errorf("%s, %s: %w", s.name, w.name, err)
				}
				for kind, text := range found {
					if kind == "profile" {
						p, err := profile.ParseData(text)
						if err != nil {
							return err
						}
						r.Shares = append(r.Shares, shares{Worker: w.name, Server: s.name, Of: divide(p)})
						kind = "cpu"
					}
					file := filepath.Join(b.profiles, fmt.Sprintf("%s-%s-%s.pb.gz", s.name, w.name, kind))
					if err := os.WriteFile(file, text, 0o644); err != nil {
						return err
					}
				}
			}
		}
	}
	return nil
}

// profiled takes profiles of a server while it is under load.
func (b *bench) profiled(ctx context.Context, s *running, w *workload, kinds ...string) (map[string][]byte, error) {
	during := b.load
	during.duration += time.Second // the load is there before the profile begins, and after
	pressing := make(chan error, 1)
	go func() {
		_, err := press(ctx, s.ways[w.name].to, during)
		pressing <- err
	}()
	var (
		wg    sync.WaitGroup
		mu    sync.Mutex
		found = map[string][]byte{}
		errs  error
	)
	for _, kind := range kinds {
		wg.Go(func() {
			text, err := fetchProfile(ctx, s.admin, kind, b.load.duration)
			mu.Lock()
			defer mu.Unlock()
			found[kind] = text
			errs = errors.Join(errs, err)
		})
	}
	wg.Wait()
	return found, errors.Join(errs, <-pressing)
}

// fetchProfile asks a server for a profile over some time.
func fetchProfile(ctx context.Context, m *process.Mayfly, kind string, d time.Duration) ([]byte, error) {
	url := fmt.Sprintf("http://%s/debug/pprof/%s?seconds=%g", m.Control, kind, max(d.Seconds(), 1))
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+m.API.Token)
	res, err := m.API.Client.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("GET %s: status %d: %.300s", url, res.StatusCode, text)
	}
	return text, err
}

// profileForCompiler merges the CPU profiles of Mayfly at all workers into one for
// profile-guided optimization: https://go.dev/doc/pgo. Each weighs the same.
func (b *bench) profileForCompiler(ctx context.Context, up []*running) error {
	var all []*profile.Profile
	for _, s := range up {
		for _, w := range b.workloads {
			if s.admin == nil || s.ways[w.name] == nil {
				continue
			}
			found, err := b.profiled(ctx, s, &w, "profile")
			if err != nil {
				return fmt.Errorf("%s, %s: %w", s.name, w.name, err)
			}
			p, err := profile.ParseData(found["profile"])
			if err != nil {
				return err
			}
			all = append(all, p)
		}
	}
	if len(all) == 0 {
		return errors.New("Mayfly is not among what is measured")
	}
	p, err := profile.Merge(all)
	if err != nil {
		return err
	}
	p = strip(p)
	var out bytes.Buffer
	if err := p.Write(&out); err != nil {
		return err
	}
	return os.WriteFile(b.pgo, out.Bytes(), 0o644)
}

// strip leaves what the compiler reads of a profile, samples of the same stack in one, and
// nothing that tells where it was taken.
func strip(p *profile.Profile) *profile.Profile {
	for _, s := range p.Sample {
		s.Label, s.NumLabel, s.NumUnit = nil, nil, nil
	}
	for _, f := range p.Function {
		f.Filename = ""
	}
	for _, m := range p.Mapping {
		m.File, m.BuildID = "", ""
	}
	p.Comments = nil
	return p.Compact()
}
