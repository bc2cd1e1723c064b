package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/mayfly-edge/mayfly/runtime/ingress"
)

// ingressFlags are the limits on what clients may do.
type ingressFlags struct {
	MaxURL    byteCount `name:"max-url" help:"Longest path and query; a longer one is answered 414. Default: ${default}." default:"16K" placeholder:"SIZE"`
	MaxHeader byteCount `name:"max-header" help:"Largest header section; a larger one is answered 431. Default: ${default}." default:"128K" placeholder:"SIZE"`
	MaxBody   byteCount `name:"max-body" help:"Largest request body; a larger one is answered 413. 0 is no limit. Default: ${default}." default:"100M" placeholder:"SIZE"`

	MaxConns         int `name:"max-conns" help:"Connections of clients; further ones are answered 503. Default: ${default}." default:"65536" placeholder:"N"`
	MaxConnsPerIP    int `name:"max-conns-per-ip" help:"Connections of one address; further ones are answered 429. 0, the default, is no limit." default:"0" placeholder:"N"`
	MaxRequestsPerIP int `name:"max-requests-per-ip" help:"Requests a second of one address, with bursts of twice that; further ones are answered 429. 0, the default, is no limit." default:"0" placeholder:"N"`

	HeadTimeout  time.Duration `name:"head-timeout" help:"Time for the head of a request to come. Default: ${default}." default:"10s" placeholder:"TIME"`
	IdleTimeout  time.Duration `name:"idle-timeout" help:"Time a connection may wait for its next request. Default: ${default}." default:"75s" placeholder:"TIME"`
	StallTimeout time.Duration `name:"stall-timeout" help:"Time in which a body must move, in either direction. Default: ${default}." default:"30s" placeholder:"TIME"`
}

// apply checks the flags and sets them in the front end's configuration.
func (f *ingressFlags) apply(c *ingress.Config) error {
	for _, d := range []struct {
		flag  string
		value time.Duration
	}{{"--head-timeout", f.HeadTimeout}, {"--idle-timeout", f.IdleTimeout}, {"--stall-timeout", f.StallTimeout}} {
		if d.value < 10*time.Millisecond {
			return usageError("%s %v: it must be at least 10ms", d.flag, d.value)
		}
	}
	for _, n := range []struct {
		flag               string
		value, least, most int64
	}{
		{"--max-url", int64(f.MaxURL), 1, 1 << 20}, {"--max-header", int64(f.MaxHeader), 1, 16 << 20}, {"--max-body", int64(f.MaxBody), 0, 1 << 40},
		{"--max-conns", int64(f.MaxConns), 1, 1 << 24}, {"--max-conns-per-ip", int64(f.MaxConnsPerIP), 0, 1 << 24}, {"--max-requests-per-ip", int64(f.MaxRequestsPerIP), 0, 1 << 24},
	} {
		if n.value < n.least || n.value > n.most {
			return usageError("%s %d: it must be between %d and %d", n.flag, n.value, n.least, n.most)
		}
	}
	c.MaxURL, c.MaxHeader, c.MaxBody = int(f.MaxURL), int(f.MaxHeader), int64(f.MaxBody)
	if c.MaxBody == 0 {
		c.MaxBody = -1
	}
	c.MaxConns, c.MaxConnsPerIP, c.MaxRequestsPerIP = f.MaxConns, f.MaxConnsPerIP, f.MaxRequestsPerIP
	c.ReadHeaderTimeout, c.IdleTimeout = f.HeadTimeout, f.IdleTimeout
	c.BodyStallTimeout, c.WriteStallTimeout = f.StallTimeout, f.StallTimeout
	return nil
}

// byteCount is a number of bytes as flags take it: 4096, 16K, 100M or 2G.
type byteCount int64

// UnmarshalText implements encoding.TextUnmarshaler.
func (b *byteCount) UnmarshalText(text []byte) error {
	digits := strings.TrimSuffix(strings.ToUpper(string(text)), "B")
	unit := int64(1)
	for i, suffix := range []string{"K", "M", "G"} {
		if rest, ok := strings.CutSuffix(digits, suffix); ok {
			digits, unit = rest, 1<<(10*(i+1))
		}
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || n < 0 || n > (1<<62)/unit {
		return fmt.Errorf("%q is no size such as 4096, 16K, 100M or 2G", text)
	}
	*b = byteCount(n * unit)
	return nil
}
