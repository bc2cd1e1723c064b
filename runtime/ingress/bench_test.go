//go:build unix

package ingress

import (
	"bufio"
	"net"
	"strconv"
	"syscall"
	"testing"

	"github.com/valyala/fasthttp"
)

// roundTrips sends b.N requests one after the other on one connection.
func roundTrips(b *testing.B, addr string) {
	nc, err := net.Dial("tcp", addr)
	if err != nil {
		b.Fatal(err)
	}
	defer nc.Close()
	br := bufio.NewReader(nc)
	req := []byte(get)
	b.ReportAllocs()
	b.ResetTimer()
	before := cpuTime()
	defer func() { b.ReportMetric(float64(cpuTime()-before)/float64(b.N), "cpu-ns/op") }()
	for range b.N {
		if _, err := nc.Write(req); err != nil {
			b.Fatal(err)
		}
		length := 0
		for {
			line, err := br.ReadSlice('\n')
			if err != nil {
				b.Fatal(err)
			}
			if len(line) == 2 {
				break
			}
			const cl = "content-length: "
			if len(line) > len(cl) && is(line[:len(cl)], cl) {
				length, _ = strconv.Atoi(string(trim(line[len(cl) : len(line)-2])))
			}
		}
		if _, err := br.Discard(length); err != nil {
			b.Fatal(err)
		}
	}
}

// cpuTime is what this process has used, the client's part included; on a busy
// machine it says more than the time that has passed.
func cpuTime() int64 {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return u.Utime.Nano() + u.Stime.Nano()
}

func BenchmarkHello(b *testing.B) {
	b.Run("fasthttp", func(b *testing.B) {
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			b.Fatal(err)
		}
		s := &fasthttp.Server{Handler: func(ctx *fasthttp.RequestCtx) {
			ctx.SetContentType("text/plain")
			ctx.SetBody(helloBody)
		}}
		go func() { _ = s.Serve(ln) }()
		defer s.Shutdown()
		roundTrips(b, ln.Addr().String())
	})
	b.Run("ingress", func(b *testing.B) {
		_, addr := serve(b, Config{}, hello)
		roundTrips(b, addr)
	})
	b.Run("ingress with Request", func(b *testing.B) {
		_, addr := serve(b, Config{}, func(x *Exchange) {
			if x.Request().URL == "" {
				b.Error("no URL")
			}
			hello(x)
		})
		roundTrips(b, addr)
	})
}

// BenchmarkServeConn leaves the kernel out.
func BenchmarkServeConn(b *testing.B) {
	b.Run("fasthttp", func(b *testing.B) {
		s := &fasthttp.Server{Handler: func(ctx *fasthttp.RequestCtx) {
			ctx.SetContentType("text/plain")
			ctx.SetBody(helloBody)
		}}
		b.ReportAllocs()
		_ = s.ServeConn(&discardConn{in: []byte(get), left: b.N})
	})
	b.Run("ingress", func(b *testing.B) {
		s, err := New(Config{}, HandlerFunc(hello))
		if err != nil {
			b.Fatal(err)
		}
		b.ReportAllocs()
		s.ServeConn(&discardConn{in: []byte(get), left: b.N})
	})
	b.Run("ingress with Request", func(b *testing.B) {
		s, err := New(Config{}, HandlerFunc(func(x *Exchange) {
			if x.Request().URL == "" {
				b.Error("no URL")
			}
			hello(x)
		}))
		if err != nil {
			b.Fatal(err)
		}
		b.ReportAllocs()
		s.ServeConn(&discardConn{in: []byte(get), left: b.N})
	})
}
