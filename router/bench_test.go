package router

import (
	"fmt"
	"strings"
	"testing"
)

// manyRoutes is a large server: hosts with a few routes each, wildcards, and one host with 10,000.
func manyRoutes(n int) []Route {
	var rs []Route
	for i := 0; len(rs) < n-10_001; i++ {
		rs = append(rs,
			Route{fmt.Sprintf("app%d.example.com/*", i), "a"},
			Route{fmt.Sprintf("app%d.example.com/api/*", i), "b"},
			Route{fmt.Sprintf("*.tenant%d.example.org/*", i), "c"},
			Route{fmt.Sprintf("https://www.site%d.net/path/to/%d", i, i), "d"})
	}
	for i := range 10_000 {
		rs = append(rs, Route{fmt.Sprintf("busy.example.com/team%d/service%d/*", i%100, i), "e"})
	}
	return append(rs, Route{"*/*", "f"})
}

var requests = []struct{ name, host, target, script string }{
	{"exact host", "app777.example.com", "/api/users?id=1", "b"},
	{"wildcard host", "www.tenant777.example.org:8787", "/index.html", "c"},
	{"busy host", "busy.example.com", "/team77/service777/items/1?full=true", "e"},
	{"everything", "nobody.example.edu", "/", "f"},
}

func BenchmarkMatch(b *testing.B) {
	table := mustTable(b, Entries{Routes: manyRoutes(100_000)})
	for _, r := range requests {
		b.Run(strings.ReplaceAll(r.name, " ", "-"), func(b *testing.B) {
			host, target := []byte(r.host), []byte(r.target)
			b.ReportAllocs()
			for b.Loop() {
				if m, _ := table.Match(true, host, target); m.Script != Script(r.script) {
					b.Fatal(m)
				}
			}
		})
	}
	b.Run("random-hosts", func(b *testing.B) {
		hosts := make([][]byte, 1<<14)
		for i := range hosts {
			hosts[i] = fmt.Appendf(nil, "app%d.example.com", i*7919%20_000)
		}
		i := 0
		for b.Loop() {
			table.Match(true, hosts[i&(len(hosts)-1)], []byte("/api/users"))
			i++
		}
	})
}

func BenchmarkNewTable(b *testing.B) {
	rs := manyRoutes(100_000)
	for b.Loop() {
		mustTable(b, Entries{Routes: rs})
	}
}

func TestMatchDoesNotAllocate(t *testing.T) {
	table := mustTable(t, Entries{
		Routes:   manyRoutes(20_000),
		Domains:  []Domain{{"shop.example.com", "g"}},
		Defaults: []DefaultHost{{"hello.localhost", "h", true, true}},
	})
	var r Router
	r.Swap(table)
	for _, req := range requests {
		host, target := []byte(strings.ToUpper(req.host)), []byte(req.target)
		if n := testing.AllocsPerRun(100, func() {
			if m, _ := r.Match(true, host, target); m.Script != Script(req.script) {
				t.Fatalf("%s: %+v", req.name, m)
			}
		}); n != 0 {
			t.Errorf("%s: %v allocations", req.name, n)
		}
	}
}
