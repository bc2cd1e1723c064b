package main

import (
	"context"
	"net"
	"net/netip"
	"strings"

	"golang.org/x/net/dns/dnsmessage"

	"github.com/mayfly-edge/mayfly/isolate/outside"
	"github.com/mayfly-edge/mayfly/runtime/egress"
)

// rebound asks twice by a name that leads first to the one and then to the other address.
func rebound(ctx context.Context, first, second netip.Addr, o *origin) (reached, refused bool, err error) {
	resolver, stop, err := fickleResolver(first.As4(), second.As4())
	if err != nil {
		return false, false, err
	}
	defer stop()
	client, err := egress.New(egress.Config{Guard: egress.Guard{Allow: []netip.Prefix{netip.PrefixFrom(first, 32)}}, Resolver: resolver})
	if err != nil {
		return false, false, err
	}
	defer client.Close()
	_, port, _ := net.SplitHostPort(o.addr)
	// "Connection: close" keeps the second request from going over the first connection,
	// which would lead to the allowed address.
	req := &outside.Request{Method: "GET", URL: "http://rebind.example:" + port + "/slow"}
	short, cancel := context.WithCancel(ctx)
	res, err := client.Fetch(short, nil, req)
	if err != nil {
		cancel()
		return false, false, err
	}
	if res.Body.Stream != nil {
		res.Body.Stream.Close()
	}
	cancel() // and with it the connection
	req.URL = "http://rebind.example:" + port + "/"
	_, err = client.Fetch(ctx, nil, req)
	return true, err != nil && strings.Contains(err.Error(), "is refused"), nil
}

// fickleResolver gives the answers one after the other.
func fickleResolver(answers ...[4]byte) (*net.Resolver, func(), error) {
	pc, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		return nil, nil, err
	}
	go func() {
		buf := make([]byte, 1500)
		for next := 0; ; {
			n, from, err := pc.ReadFrom(buf)
			if err != nil {
				return
			}
			var q dnsmessage.Message
			if q.Unpack(buf[:n]) != nil || len(q.Questions) == 0 {
				continue
			}
			q.Response, q.Additionals = true, nil
			if q.Questions[0].Type == dnsmessage.TypeA {
				q.Answers = []dnsmessage.Resource{{
					Header: dnsmessage.ResourceHeader{Name: q.Questions[0].Name, Class: dnsmessage.ClassINET},
					Body:   &dnsmessage.AResource{A: answers[min(next, len(answers)-1)]},
				}}
				next++
			}
			if out, err := q.Pack(); err == nil {
				_, _ = pc.WriteTo(out, from)
			}
		}
	}()
	r := &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "udp", pc.LocalAddr().String())
	}}
	return r, func() { pc.Close() }, nil
}
