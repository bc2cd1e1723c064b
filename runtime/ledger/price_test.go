package ledger

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"
)

func TestInvoices(t *testing.T) {
	cpu := func(requests, msEach int64) Consumption {
		return Consumption{Usage: Usage{Requests: requests, CPU: Span(requests * msEach * int64(time.Millisecond))}}
	}
	lambda := func(requests, ms, mb int64) Consumption {
		return Consumption{Usage: Usage{Requests: requests, Memory: MemoryTime(requests * ms * mb)}}
	}
	const m = million
	tests := []struct {
		name  string
		plan  Plan
		c     Consumption
		total string
		exact string
	}{
		// The examples of Cloudflare's price page.
		{"15 M requests of 7 ms", Workers(), cpu(15*m, 7), "$8.00", "8"},
		{"100 M requests of 7 ms", Workers(), cpu(100*m, 7), "$45.40", "45.4"},
		{"720 cron runs of 3 minutes", Workers(), cpu(720, 180_000), "$6.99", "6.992"},
		{"nothing", Workers(), Consumption{}, "$5.00", "5"},
		{"just what is included", Workers(), Consumption{Usage{Requests: 10 * m, CPU: Span(30 * m * time.Millisecond),
			KVReads: 10 * m, KVWrites: m, KVDeletes: m, KVLists: m}, 1_000_000_000}, "$5.00", "5"},
		{"one more request", Workers(), Consumption{Usage: Usage{Requests: 10*m + 1}}, "$5.00", "5.0000003"},
		{"a nanosecond rounds to nothing", Workers(), Consumption{Usage: Usage{CPU: Span(30*m*time.Millisecond) + 1}}, "$5.00", "5"},
		{"KV", Workers(), Consumption{Usage{KVReads: 12 * m, KVWrites: 2 * m, KVDeletes: 3 * m, KVLists: m + m/2}, 3_500_000_000},
			"$24.75", "24.75"}, // 5 + 1 + 5 + 10 + 2.50 + 1.25
		// The examples of AWS's price page: 3 M of 120 ms with 1536 MB, and 3 M of a second with 512 MB.
		{"mobile back end", Lambda(), lambda(3*m, 120, 1536), "$2.73", "2.733338"},
		{"3 M of a second", Lambda(), lambda(3*m, 1000, 512), "$18.73", "18.73337"},
		{"free tier", Lambda(), lambda(m, 400_000/1000*8, 128), "$0.00", "0"},
		{"one GB-second more", Lambda(), Consumption{Usage: Usage{Memory: 400_001 * gbSecond}}, "$0.00", "0.000016667"},
		{"no overflow", Lambda(), Consumption{Usage: Usage{Memory: math.MaxInt64}}, "$150120281.15", "150120281.152311691"},
	}
	for _, test := range tests {
		inv := NewInvoice(test.plan, test.c)
		if got := inv.Total.String(); got != test.total || inv.Total.Exact() != test.exact {
			t.Errorf("%s: %s (%s), want %s (%s): %+v", test.name, got, inv.Total.Exact(), test.total, test.exact, inv.Lines)
		}
		var sum Money
		for _, line := range inv.Lines {
			sum += line.Amount
		}
		if sum != inv.Total {
			t.Errorf("%s: lines make %v", test.name, sum)
		}
	}
}

func TestInvoiceLines(t *testing.T) {
	inv := NewInvoice(Lambda(), Consumption{Usage: Usage{Requests: 1_500_000, Memory: 400_000*gbSecond + gbSecond/2}})
	got, err := json.MarshalIndent(inv, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	const want = `{
 "plan": "lambda",
 "title": "AWS Lambda (x86)",
 "lines": [
  {
   "name": "Requests",
   "unit": "requests",
   "quantity": "1500000",
   "included": 1000000,
   "billable": "500000",
   "price": "0.2",
   "per": 1000000,
   "amount": "0.1"
  },
  {
   "name": "Compute",
   "unit": "GB-seconds",
   "quantity": "400000.5",
   "included": 400000,
   "billable": "0.5",
   "price": "0.000166667",
   "per": 10,
   "amount": "0.000008333"
  }
 ],
 "total": "0.100008333"
}`
	if string(got) != want {
		t.Errorf("got %s", got)
	}
	var back Invoice
	if err := json.Unmarshal(got, &back); err != nil || back.Total != inv.Total {
		t.Errorf("%+v, %v", back, err)
	}
}

func TestMoney(t *testing.T) {
	for m, want := range map[Money]string{
		0: "$0.00", Cent / 2: "$0.01", Cent/2 - 1: "$0.00", -Cent / 2: "-$0.01", 1234*Dollar + 56*Cent: "$1234.56",
	} {
		if m.String() != want {
			t.Errorf("%d: %s, want %s", m, m, want)
		}
	}
	for m, want := range map[Money]string{0: "0", 1: "0.000000001", -1: "-0.000000001", 10 * Dollar: "10", math.MinInt64: "-9223372036.854775808"} {
		if m.Exact() != want {
			t.Errorf("%d: %s, want %s", int64(m), m.Exact(), want)
		}
		var back Money
		if err := back.UnmarshalJSON([]byte(`"` + want + `"`)); err != nil || back != m {
			t.Errorf("%s: %d %v", want, int64(back), err)
		}
	}
	var m Money
	for _, s := range []string{`"x"`, `"1.0000000001"`, `""`} {
		if m.UnmarshalJSON([]byte(s)) == nil {
			t.Errorf("%s was accepted", s)
		}
	}
	var mem MemoryTime
	for _, s := range []string{"x", "-1", "1.x", "1.00000000000001"} {
		if mem.UnmarshalJSON([]byte(s)) == nil {
			t.Errorf("%s was accepted", s)
		}
	}
}

func TestPlanByName(t *testing.T) {
	for _, p := range Plans() {
		if got, err := PlanByName(p.Name); err != nil || got.Title != p.Title {
			t.Errorf("%s: %v", p.Name, err)
		}
	}
	if _, err := PlanByName("azure"); err == nil || !strings.Contains(err.Error(), "workers and lambda") {
		t.Error(err)
	}
}
