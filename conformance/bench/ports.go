package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
)

// ports gives out addresses of the loopback interface for servers that cannot be left to
// choose one. They are below those that systems give to connections, of which the load
// makes many: one could take an address between its being found free and being used.
type ports struct {
	given map[int]bool
}

func (p *ports) free() (addr string, err error) {
	const first, end = 12_000, 32_000
	for range end - first {
		port := first + rand.IntN(end-first)
		if p.given[port] {
			continue
		}
		addr := fmt.Sprintf("127.0.0.1:%d", port)
		l, err := net.Listen("tcp", addr)
		if err != nil {
			continue
		}
		if p.given == nil {
			p.given = map[int]bool{}
		}
		p.given[port] = true
		return addr, l.Close()
	}
	return "", errors.New("no port is free")
}
