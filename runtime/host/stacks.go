package host

import (
	"bytes"
)

// A runningTurn is a goroutine that is in a turn of an isolate and is not waiting.
type runningTurn struct {
	key     string // the goroutine and the turn
	mark    mark   // of the event that the goroutine came of
	startup bool   // the turn is the loading of a script
}

var (
	turnFrame    = []byte("isolate.(*Isolate).run(")
	startFrame   = []byte("isolate.(*Isolate).Start(")
	goroutineTag = []byte("goroutine ")
)

// runningTurns finds the turns in the text of runtime.Stack. A turn keeps its goroutine
// on one thread, which the text says of it.
func runningTurns(stacks []byte) []runningTurn {
	var list []runningTurn
	for len(stacks) > 0 {
		block := stacks
		if i := bytes.Index(stacks, []byte("\n\n")); i >= 0 {
			block, stacks = stacks[:i], stacks[i+2:]
		} else {
			stacks = nil
		}
		head, body, _ := bytes.Cut(block, []byte("\n"))
		if !bytes.Contains(head, []byte("locked to thread")) ||
			!bytes.Contains(head, []byte("[run")) && !bytes.Contains(head, []byte("[copystack")) && !bytes.Contains(head, []byte("[preempted")) {
			continue
		}
		i := bytes.Index(body, turnFrame)
		if i < 0 {
			continue
		}
		args, _, _ := bytes.Cut(body[i:], []byte("\n"))
		number, _, _ := bytes.Cut(bytes.TrimPrefix(head, goroutineTag), []byte(" "))
		list = append(list, runningTurn{
			key:  string(number) + " " + string(args),
			mark: readMark(head), startup: bytes.Contains(body, startFrame),
		})
	}
	return list
}

// crash is what the last words of a Go process tell.
type crash struct {
	memory bool // it died of memory or stack
	mark   mark // of the event that the goroutine at fault came of
}

// readCrash reads what a process wrote to its standard error.
func readCrash(text []byte) crash {
	c := crash{mark: unmarked}
	for _, sign := range []string{"stack overflow", "goroutine stack exceeds", "out of memory", "cannot allocate memory", "cannot reserve arena", "failed to allocate"} {
		c.memory = c.memory || bytes.Contains(text, []byte(sign))
	}
	// With GOTRACEBACK=single the goroutine at fault is the only one shown, but the
	// runtime's own stack may come first.
	for line := range bytes.Lines(text) {
		if bytes.HasPrefix(line, goroutineTag) {
			if c.mark = readMark(line); c.mark != unmarked {
				break
			}
		}
	}
	return c
}
