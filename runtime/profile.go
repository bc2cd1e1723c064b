package runtime

import (
	"errors"
	"fmt"
	"net/http"
	"path"
	"strconv"
	"sync"
	"time"

	"github.com/google/pprof/profile"

	"github.com/mayfly-edge/mayfly/runtime/host"
)

// Over which time a profile is taken that does not say, and at most.
const (
	profiled    = 30 * time.Second
	maxProfiled = 5 * time.Minute
)

// Profile answers with a profile of the server and of its host processes in one, in the
// format of pprof, so that "go tool pprof URL" reads it. Each sample has the label
// process, which is "server" or "host". The name is the last segment of the path and the
// query parameter seconds the time, as for package net/http/pprof.
func (rt *Runtime) Profile() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := path.Base(r.URL.Path)
		d := time.Duration(0)
		switch name {
		case "profile", "block", "mutex":
			d = profiled
		}
		if text := r.URL.Query().Get("seconds"); text != "" {
			n, err := strconv.ParseFloat(text, 64)
			if err != nil || !(n >= 0 && n <= maxProfiled.Seconds()) {
				http.Error(w, fmt.Sprintf("seconds=%s must be a number up to %g", text, maxProfiled.Seconds()), 400)
				return
			}
			d = time.Duration(n * float64(time.Second))
		}
		var (
			hosts         []*profile.Profile
			own           *profile.Profile
			hostErr, mine error
			both          sync.WaitGroup
		)
		both.Go(func() { hosts, hostErr = rt.pool.Profile(r.Context(), name, d) })
		both.Go(func() { own, mine = rt.profiler.Take(r.Context(), name, d) })
		both.Wait()
		switch {
		case errors.Is(mine, host.ErrNoProfile):
			http.Error(w, fmt.Sprintf("no profile is called %q: %v", name, mine), 404)
			return
		case errors.Is(mine, host.ErrProfiling):
			http.Error(w, mine.Error(), http.StatusConflict)
			return
		}
		label(own, "server")
		for _, p := range hosts {
			label(p, "host")
		}
		var all *profile.Profile
		err := errors.Join(mine, hostErr)
		if err == nil {
			all, err = profile.Merge(append(hosts, own))
		}
		if err != nil {
			rt.cfg.Log.Warn("no profile", "name", name, "error", err)
			http.Error(w, "the profile could not be taken", 500)
			return
		}
		w.Header().Set("Content-Type", "application/octet-stream")
		w.Header().Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", name))
		_ = all.Write(w) // the client has gone
	})
}

// label says of all samples where they are from.
func label(p *profile.Profile, process string) {
	if p == nil {
		return
	}
	for _, s := range p.Sample {
		if s.Label == nil {
			s.Label = map[string][]string{}
		}
		s.Label["process"] = []string{process}
	}
}
