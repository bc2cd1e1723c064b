package host

import (
	"os"
	"testing"
	"time"
)

func TestMute(t *testing.T) {
	begin := time.Now()
	last := life{at: begin, cpu: time.Minute}
	for _, test := range []struct {
		name         string
		silence, cpu time.Duration
		mute         bool
	}{
		{"just now", 0, 0, false},
		{"for a while", mute, muteCPU + 1, false},
		{"and computes", mute + 1, muteCPU + 1, true},
		{"on a busy machine", mute + 1, muteCPU, false},
		{"on a machine that is ever so busy", starved, muteCPU, false},
		{"stopped", starved + 1, 0, true},
	} {
		cpu := func() time.Duration { return last.cpu + test.cpu }
		if got := last.mute(begin.Add(test.silence), cpu); got != test.mute {
			t.Errorf("%s: mute is %v", test.name, got)
		}
	}
}

func TestCPUTimeOf(t *testing.T) {
	before := cpuTimeOf(os.Getpid())
	for mine := processCPU(); processCPU() < mine+20*time.Millisecond; {
	}
	if used := cpuTimeOf(os.Getpid()) - before; used < 10*time.Millisecond {
		t.Errorf("after 20 ms of CPU time its clock has gone on by %v", used)
	}
}
