package isolate

import "github.com/mayfly-edge/mayfly/isolate/webidl"

// The heap profile knows of each allocation the functions that were being called, and
// nothing else that could tell isolates apart. So a turn runs inside three functions
// whose names spell the hexadecimal number of its isolate's account.
const (
	slotDigits = 3
	slotPrefix = "github.com/mayfly-edge/mayfly/isolate.slot"
	maxSlots   = 1 << (4 * slotDigits)
)

// entry is the way into an isolate.
type entry struct {
	isolate *Isolate
	context *webidl.AsyncContext
	run     func()
	digits  uint16 // still to be spelled, the lowest first
	left    uint8
	failure error
}

// through runs f as protect does, by way of the functions that spell the account.
func (iso *Isolate) through(c *webidl.AsyncContext, f func()) error {
	e := entry{isolate: iso, context: c, run: f, digits: iso.account.number, left: slotDigits}
	e.enter()
	return e.failure
}

func (e *entry) enter() {
	if e.left == 0 {
		e.failure = e.isolate.protect(e.context, e.run)
		return
	}
	digit := e.digits & 15
	e.digits >>= 4
	e.left--
	switch digit {
	case 0:
		slot0(e)
	case 1:
		slot1(e)
	case 2:
		slot2(e)
	case 3:
		slot3(e)
	case 4:
		slot4(e)
	case 5:
		slot5(e)
	case 6:
		slot6(e)
	case 7:
		slot7(e)
	case 8:
		slot8(e)
	case 9:
		slot9(e)
	case 10:
		slota(e)
	case 11:
		slotb(e)
	case 12:
		slotc(e)
	case 13:
		slotd(e)
	case 14:
		slote(e)
	case 15:
		slotf(e)
	}
}

//go:noinline
func slot0(e *entry) { e.enter() }

//go:noinline
func slot1(e *entry) { e.enter() }

//go:noinline
func slot2(e *entry) { e.enter() }

//go:noinline
func slot3(e *entry) { e.enter() }

//go:noinline
func slot4(e *entry) { e.enter() }

//go:noinline
func slot5(e *entry) { e.enter() }

//go:noinline
func slot6(e *entry) { e.enter() }

//go:noinline
func slot7(e *entry) { e.enter() }

//go:noinline
func slot8(e *entry) { e.enter() }

//go:noinline
func slot9(e *entry) { e.enter() }

//go:noinline
func slota(e *entry) { e.enter() }

//go:noinline
func slotb(e *entry) { e.enter() }

//go:noinline
func slotc(e *entry) { e.enter() }

//go:noinline
func slotd(e *entry) { e.enter() }

//go:noinline
func slote(e *entry) { e.enter() }

//go:noinline
func slotf(e *entry) { e.enter() }
