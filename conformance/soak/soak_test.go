package main

import (
	"bytes"
	"context"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/mayfly-edge/mayfly/conformance/process"
)

// binary builds the server once for a test; it comes from the build cache mostly.
func binary(t *testing.T) string {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("what processes use is read from /proc, which only Linux has")
	}
	file, err := process.Build(t.Context(), t.TempDir(), false)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// TestSoak runs everything for moments: long enough to see that each kind of traffic is
// answered as it must be, too short to see growth.
func TestSoak(t *testing.T) {
	var out bytes.Buffer
	err := run(context.Background(), []string{"-mayfly", binary(t), "-duration", "3s", "-sample", "200ms", "-rate", "150", "-deploy-every", "300ms", "-kill-every", "1s"}, &out)
	t.Logf("\n%s", &out)
	if err != nil {
		t.Error(err)
	}
	for _, want := range []string{"server memory", "isolates", "slope/h", "deploy, ask, delete", "requests in"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the table lacks %q", want)
		}
	}
}

// TestKills is the short form of -crash.
func TestKills(t *testing.T) {
	var out bytes.Buffer
	if err := run(context.Background(), []string{"-mayfly", binary(t), "-crash", "8"}, &out); err != nil {
		t.Error(err)
	}
	t.Logf("\n%s", &out)
}

func TestSlope(t *testing.T) {
	hours := func(values ...float64) (points []point) {
		for i, v := range values {
			points = append(points, point{time.Duration(i) * time.Hour, v})
		}
		return points
	}
	for _, c := range []struct {
		name   string
		points []point
		want   float64
	}{
		{"none", nil, 0},
		{"one", hours(5), 0},
		{"flat", hours(5, 5, 5), 0},
		{"even", hours(1, 3, 5, 7), 2},
		{"a spike", hours(1, 1, 900, 1, 1, 1, 1), 0},
		{"falling", hours(9, 6, 3), -3},
	} {
		if got := slope(c.points); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
	if got := floor(hours(9, 4, 6, 7, 5, 8), 2*time.Hour); len(got) != 3 || got[0].value != 4 || got[1].value != 6 || got[2].value != 5 {
		t.Errorf("floor %v", got)
	}
}

// TestGrowthIsSeen gives the table a leak.
func TestGrowthIsSeen(t *testing.T) {
	s := make(samples, len(figures))
	for i := range figures {
		for n := range 120 {
			v := 100.0
			if figures[i].name == "isolates" {
				v += float64(n)
			}
			s[i] = append(s[i], point{time.Duration(n) * 10 * time.Second, v})
		}
	}
	growing := s.print(&bytes.Buffer{}, 20*time.Minute)
	if len(growing) != 1 || !strings.HasPrefix(growing[0], "isolates: +360") {
		t.Errorf("growing: %q", growing)
	}
}

func TestValues(t *testing.T) {
	for seq := range uint64(20) {
		v := value(seq)
		if got, err := parse(v); err != nil || got != seq {
			t.Errorf("%d is read as %d, %v", seq, got, err)
		}
		if _, err := parse(v[:len(v)/2]); err == nil {
			t.Errorf("half of %d is read", seq)
		}
	}
}
