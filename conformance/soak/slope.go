package main

import (
	"slices"
	"time"
)

// A point is one sample of one figure.
type point struct {
	at    time.Duration // since the start
	value float64
}

// slope is the median of the slopes between all pairs of points, per hour; 0 of fewer
// than two. See https://doi.org/10.1080/01621459.1968.10480934.
func slope(points []point) float64 {
	var all []float64
	for i, a := range points {
		for _, b := range points[i+1:] {
			if b.at > a.at {
				all = append(all, (b.value-a.value)/(b.at-a.at).Hours())
			}
		}
	}
	return median(all)
}

// floor is the lowest point of each stretch of time of the given length.
func floor(points []point, length time.Duration) []point {
	var lowest []point
	for _, p := range points {
		if n := len(lowest) - 1; n < 0 || p.at/length != lowest[n].at/length {
			lowest = append(lowest, p)
		} else if p.value < lowest[n].value {
			lowest[n] = p
		}
	}
	return lowest
}

func median(all []float64) float64 {
	if len(all) == 0 {
		return 0
	}
	slices.Sort(all)
	if n := len(all); n%2 == 0 {
		return (all[n/2-1] + all[n/2]) / 2
	}
	return all[len(all)/2]
}
