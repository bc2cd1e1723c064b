package main

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"time"
)

// results are what one run of the bench found. Times are in microseconds unless their
// names say otherwise, sizes in bytes.
type results struct {
	When        time.Time         `json:"when"`
	Machine     string            `json:"machine"`
	Cores       int               `json:"cores"`
	Apart       bool              `json:"load_on_cores_of_its_own"`
	Go          string            `json:"go"`
	Versions    map[string]string `json:"versions"`
	Rounds      int               `json:"rounds"`
	Connections int               `json:"connections"`
	Duration    float64           `json:"duration_seconds"`
	Seconds     float64           `json:"whole_run_seconds"`
	LoadBefore  float64           `json:"load_average_before"`
	LoadAfter   float64           `json:"load_average_after"`
	Requests    []figures         `json:"requests"`
	Cold        []coldStart       `json:"cold_starts,omitempty"`
	Restart     *restart          `json:"restart,omitempty"`
	Isolates    []isolates        `json:"live_isolates,omitempty"`
	Scripts     *scripts          `json:"scripts,omitempty"`
	Scaling     []scaling         `json:"scaling,omitempty"`
	Overload    []overload        `json:"overload,omitempty"`
	Shares      []shares          `json:"cpu_shares,omitempty"` // with -profile
	Notes       []string          `json:"notes,omitempty"`
}

// figures are a server's at a worker, of the round in which it used least CPU.
type figures struct {
	Worker   string  `json:"worker"`
	Server   string  `json:"server"`
	CPU      float64 `json:"cpu_us"`      // of the server, for one request
	Load     float64 `json:"load_cpu_us"` // of the load, for one request
	Rate     float64 `json:"requests_per_second"`
	P50      float64 `json:"p50_us"`
	P99      float64 `json:"p99_us"`
	Requests int     `json:"requests"`
	Shed     int     `json:"shed,omitempty"`
	RSS      int64   `json:"rss"` // at the end of the round, of all that the server runs
}

// A coldStart is the time from the first request of a script to its answer.
type coldStart struct {
	Worker string  `json:"worker"`
	From   string  `json:"from"` // stored: in the store, not compiled; cached: compiled
	Count  int     `json:"count"`
	P50    float64 `json:"p50_us"`
	P99    float64 `json:"p99_us"`
}

// A restart is that of a server that has scripts.
type restart struct {
	Scripts int     `json:"scripts"`
	Ready   float64 `json:"ready_us"` // from the start of the process until it takes requests
	First   float64 `json:"first_us"` // the first answer after that
}

// isolates are those of different scripts that have each answered once.
type isolates struct {
	Server string  `json:"server"`
	Count  int     `json:"count"`
	Before int64   `json:"rss_before"`
	After  int64   `json:"rss_after"`
	Each   int64   `json:"each"`
	CPU    float64 `json:"cpu_us"` // of one cold start
	P50    float64 `json:"p50_us"` // of cold starts, eight at a time
	P99    float64 `json:"p99_us"`
	Deploy float64 `json:"deploy_us"`     // of one upload, eight at a time
	Touch  float64 `json:"touch_seconds"` // the first answers of all
}

// scripts are deployed, and few of them live.
type scripts struct {
	Count   int     `json:"count"`
	Live    int     `json:"live"`
	Ready   float64 `json:"ready_us"`   // from the start of the process
	Before  int64   `json:"rss_before"` // when none lives
	After   int64   `json:"rss_after"`
	Store   int64   `json:"store"` // on disk
	Deploy  float64 `json:"deploy_us"`
	CPU     float64 `json:"cpu_us"` // of a request to one of the live at random
	P50     float64 `json:"p50_us"`
	P99     float64 `json:"p99_us"`
	ColdP50 float64 `json:"cold_p50_us"` // of the first request to one of the others
	ColdP99 float64 `json:"cold_p99_us"`
}

// scaling is what a server answers in a second while the load sleeps.
type scaling struct {
	Server string  `json:"server"`
	Cores  int     `json:"cores"`
	Slices int     `json:"slices"`
	Crowd  int     `json:"requests_in_a_slice"`
	One    float64 `json:"requests_per_second_on_one"`
	All    float64 `json:"requests_per_second_on_all"`
}

// overload is more than a server can do.
type overload struct {
	Server      string  `json:"server"`
	Worker      string  `json:"worker"`
	Concurrency int     `json:"concurrency"` // that the server allows
	Connections int     `json:"connections"`
	FullRate    float64 `json:"full_requests_per_second"` // with as many connections as it allows
	FullP99     float64 `json:"full_p99_us"`
	Offered     float64 `json:"offered_per_second"`
	Rate        float64 `json:"requests_per_second"` // answered as wanted
	Requests    int     `json:"requests"`
	Shed        int     `json:"shed"`
	P50         float64 `json:"p50_us"` // of those answered as wanted
	P99         float64 `json:"p99_us"`
	ShedP99     float64 `json:"shed_p99_us"` // of those turned away
}

// take keeps f if it is the first of its worker and server, or used less CPU.
func (r *results) take(f figures) {
	if best := r.find(f.Worker, f.Server); best == nil {
		r.Requests = append(r.Requests, f)
	} else if f.CPU < best.CPU {
		*best = f
	}
}

func (r *results) find(worker, server string) *figures {
	for i := range r.Requests {
		if f := &r.Requests[i]; f.Worker == worker && f.Server == server {
			return f
		}
	}
	return nil
}

// peer is workerd at a worker: miniflare's, where workerd itself has no answer.
func (r *results) peer(worker string) *figures {
	if f := r.find(worker, "workerd"); f != nil {
		return f
	}
	return r.find(worker, "miniflare")
}

func (r *results) write(file string) error {
	b, err := json.MarshalIndent(r, "", "\t")
	if err != nil {
		return err
	}
	return os.WriteFile(file, append(b, '\n'), 0o644)
}

func readResults(file string) (*results, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	r := &results{}
	if err := json.Unmarshal(b, r); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return r, nil
}

// mergeFiles reads results of which each file may hold a part: what the first lacks is
// taken from the next.
func mergeFiles(files []string) (*results, error) {
	all, err := readResults(files[0])
	if err != nil {
		return nil, err
	}
	for _, file := range files[1:] {
		r, err := readResults(file)
		if err != nil {
			return nil, err
		}
		if r.Machine != all.Machine || r.Cores != all.Cores {
			return nil, fmt.Errorf("%s is of another machine than %s", file, files[0])
		}
		all.add(r)
	}
	return all, nil
}

func (r *results) add(more *results) {
	fill(&r.Requests, more.Requests)
	fill(&r.Cold, more.Cold)
	fill(&r.Isolates, more.Isolates)
	fill(&r.Scaling, more.Scaling)
	fill(&r.Overload, more.Overload)
	fill(&r.Shares, more.Shares)
	if r.Restart == nil {
		r.Restart = more.Restart
	}
	if r.Scripts == nil {
		r.Scripts = more.Scripts
	}
	for _, n := range more.Notes {
		if !slices.Contains(r.Notes, n) {
			r.Notes = append(r.Notes, n)
		}
	}
}

func fill[T any](list *[]T, more []T) {
	if len(*list) == 0 {
		*list = more
	}
}
