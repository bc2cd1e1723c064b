package ingress

import (
	"bufio"
	"net"
	"strconv"
	"testing"

	"github.com/mayfly-edge/mayfly/isolate/outside"
	"github.com/valyala/fasthttp"
)

// get is a request as browsers send it, more or less.
const get = "GET /hello?name=x HTTP/1.1\r\nHost: example.com\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64)\r\n" +
	"Accept: text/html,application/xhtml+xml\r\nAccept-Encoding: gzip, br\r\nAccept-Language: en\r\nCookie: a=b; c=d\r\n\r\n"

func hello(x *Exchange) {
	_ = x.Respond(&outside.Response{Status: 200, Header: helloHeader, Body: outside.Body{Bytes: helloBody}})
}

var (
	helloHeader = []outside.Field{{Name: "content-type", Value: "text/plain"}}
	helloBody   = []byte("hello, world")
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
