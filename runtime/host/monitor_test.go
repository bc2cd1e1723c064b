package host

import "testing"

func TestPercentFor(t *testing.T) {
	for _, test := range []struct{ used, memory, want int64 }{
		{0, 0, 6400}, {4 << 20, 0, 1600}, {4 << 20, 1 << 30, 1600}, {4 << 20, 64 << 20, gcPercent}, {1 << 20, 128 << 20, 800},
		{16 << 20, 1 << 30, gcPercent}, {1 << 30, 1 << 30, gcPercent},
	} {
		if got := percentFor(test.used, test.memory); got != test.want {
			t.Errorf("%d bytes in use of %d: %d %%; want %d", test.used, test.memory, got, test.want)
		}
	}
}
