// Package hrtime is the clock of the High Resolution Time standard
// (https://w3c.github.io/hr-time/) as a realm's scripts see it.
package hrtime

import (
	"time"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// Resolution is how finely scripts see time, about as in a browser that isolates no
// origins. It is a power of two of milliseconds, so that sums and differences of times
// are exact.
const Resolution = time.Millisecond / 8

type originKey struct{ _ byte }

var originSlot originKey

// Origin returns the realm's time origin: the moment before its clock was first asked,
// so that no time is zero.
func Origin(js *webidl.Realm) time.Time {
	return webidl.Slot(js, &originSlot, func() time.Time { return js.Loop.Clock().Now().Add(-Resolution) })
}

// Now returns the current high resolution time, in milliseconds since the realm's
// time origin: https://w3c.github.io/hr-time/#dfn-current-high-resolution-time
func Now(js *webidl.Realm) float64 {
	origin := Origin(js) // first, or the first time of all would be negative
	return Milliseconds(js.Loop.Clock().Now().Sub(origin))
}

// OriginTimestamp returns the time origin in milliseconds since the Unix epoch.
func OriginTimestamp(js *webidl.Realm) float64 {
	return float64(Origin(js).Truncate(Resolution).UnixMicro()) / 1000
}

// Milliseconds returns d coarsened to Resolution:
// https://w3c.github.io/hr-time/#dfn-coarsen-time
func Milliseconds(d time.Duration) float64 {
	return float64(d.Truncate(Resolution)/time.Microsecond) / 1000
}
