package ingress

import (
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"time"
)

// A Config holds the limits and choices of a Server. The zero value is a good
// default; a negative limit means "no limit" where that is allowed.
type Config struct {
	// MaxURL is the longest request target in bytes; a longer one gets 414. 0 means 16 KiB.
	MaxURL int
	// MaxHeader is the largest header section in bytes; a larger one gets 431. 0 means 128 KiB.
	MaxHeader int
	// MaxBody is the largest request body in bytes; a larger one gets 413.
	// 0 means 100 MiB, negative no limit.
	MaxBody int64
	// BufferBody is the largest body of known length that is read before the
	// handler runs, so that a slow upload holds no isolate. Larger bodies and
	// those of unknown length are streamed. 0 means 64 KiB, negative streams all.
	BufferBody int

	// ReadHeaderTimeout bounds the time from the first byte of a request (or from
	// the accepted connection) to the end of its head, and to the end of a
	// buffered body; after it 408. 0 means 10 s, negative no limit.
	ReadHeaderTimeout time.Duration
	// IdleTimeout bounds the wait for the next request on a kept-alive connection. 0 means 75 s.
	IdleTimeout time.Duration
	// BodyStallTimeout bounds one read of a streamed request body. 0 means 30 s.
	BodyStallTimeout time.Duration
	// WriteStallTimeout bounds the time for 64 KiB of response to leave. 0 means 30 s.
	WriteStallTimeout time.Duration

	// MaxConns is how many connections may be open; further ones get 503. 0 means 65,536.
	MaxConns int
	// MaxConnsPerIP is how many connections one peer address may hold; further ones
	// get 429. 0 means no limit.
	MaxConnsPerIP int
	// MaxRequestsPerIP is how many requests a second one client address may make,
	// with bursts of twice that; further ones get 429, code 1015. An IPv6 client is
	// its /64. 0 means no limit.
	MaxRequestsPerIP int
	// MaxRequestsPerConn closes a connection after so many requests. 0 means no limit.
	MaxRequestsPerConn int
	// DisableKeepAlive closes every connection after its first response.
	DisableKeepAlive bool

	// TrustedProxies are the networks whose x-forwarded-for, x-real-ip,
	// x-forwarded-proto and cf-connecting-ip are believed. From anybody else those
	// headers are dropped.
	TrustedProxies []netip.Prefix

	// Compress compresses responses that no worker has encoded, when the client
	// accepts it, the type is compressible and the body is over 1 KiB or streamed.
	// Off by default: a proxy in front often does it, and it costs CPU nobody is billed for.
	Compress bool

	// MaxMessage is the largest WebSocket message in bytes; a larger one closes the
	// socket with 1009. 0 means 1 MiB.
	MaxMessage int

	// ServerName is the value of the server response header; "" means "mayfly",
	// "-" sends none.
	ServerName string
	// Log receives panics of the handler and refused connections; nil discards them.
	Log *slog.Logger
}

// Validate reports the first field that cannot work.
func (c *Config) Validate() error {
	switch {
	case c.MaxURL < 0 || c.MaxURL > 1<<20:
		return fmt.Errorf("ingress: MaxURL is %d; it must be between 0 and 1048576 bytes", c.MaxURL)
	case c.MaxHeader < 0 || c.MaxHeader > 16<<20:
		return fmt.Errorf("ingress: MaxHeader is %d; it must be between 0 and 16777216 bytes", c.MaxHeader)
	case c.MaxConns < 0:
		return fmt.Errorf("ingress: MaxConns is %d; use 0 for the default", c.MaxConns)
	case c.MaxConnsPerIP < 0:
		return fmt.Errorf("ingress: MaxConnsPerIP is %d; use 0 for no limit", c.MaxConnsPerIP)
	case c.MaxRequestsPerIP < 0:
		return fmt.Errorf("ingress: MaxRequestsPerIP is %d; use 0 for no limit", c.MaxRequestsPerIP)
	case c.MaxRequestsPerConn < 0:
		return fmt.Errorf("ingress: MaxRequestsPerConn is %d; use 0 for no limit", c.MaxRequestsPerConn)
	case c.MaxMessage < 0:
		return fmt.Errorf("ingress: MaxMessage is %d; use 0 for the default", c.MaxMessage)
	case c.BufferBody > 16<<20:
		return fmt.Errorf("ingress: BufferBody is %d; it must be at most 16777216 bytes", c.BufferBody)
	}
	for _, p := range c.TrustedProxies {
		if !p.IsValid() {
			return errors.New("ingress: TrustedProxies holds an invalid network; write it as 10.0.0.0/8 or fd00::/8")
		}
	}
	for i := range len(c.ServerName) {
		if !isValueByte(c.ServerName[i]) {
			return fmt.Errorf("ingress: ServerName %q cannot be a header value", c.ServerName)
		}
	}
	return nil
}

// withDefaults returns c with every zero field resolved; 0 then means "no limit"
// for the durations and sizes that may be unlimited.
func (c Config) withDefaults() Config {
	orInt := func(v *int, d int) {
		if *v == 0 {
			*v = d
		} else if *v < 0 {
			*v = 0
		}
	}
	orTime := func(v *time.Duration, d time.Duration) {
		if *v == 0 {
			*v = d
		} else if *v < 0 {
			*v = 0
		}
	}
	orInt(&c.MaxURL, 16<<10)
	orInt(&c.MaxHeader, 128<<10)
	orInt(&c.BufferBody, 64<<10)
	orInt(&c.MaxConns, 1<<16)
	orInt(&c.MaxMessage, 1<<20)
	if c.MaxBody == 0 {
		c.MaxBody = 100 << 20
	} else if c.MaxBody < 0 {
		c.MaxBody = 0
	}
	orTime(&c.ReadHeaderTimeout, 10*time.Second)
	orTime(&c.IdleTimeout, 75*time.Second)
	orTime(&c.BodyStallTimeout, 30*time.Second)
	orTime(&c.WriteStallTimeout, 30*time.Second)
	switch c.ServerName {
	case "":
		c.ServerName = "mayfly"
	case "-":
		c.ServerName = ""
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return c
}
