package hrtime_test

import (
	"testing"
	"time"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/eventloop"
	"github.com/mayfly-edge/mayfly/isolate/webapi/hrtime"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

func TestNow(t *testing.T) {
	clock := eventloop.NewVirtualClock(time.UnixMilli(5000))
	js := webidl.NewRealm(goja.New(), webidl.Options{Loop: eventloop.New(eventloop.Options{Clock: clock})})
	if got := hrtime.Now(js); got != 0.125 {
		t.Errorf("first %v", got)
	}
	clock.Advance(1234567 * time.Nanosecond)
	if got := hrtime.Now(js); got != 1.25 {
		t.Errorf("then %v", got)
	}
	if got := hrtime.OriginTimestamp(js); got != 4999.875 {
		t.Errorf("origin %v", got)
	}
}
