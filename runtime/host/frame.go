package host

// A frame is a header of nine bytes and a payload:
//
//	length  uint32, little-endian, of the payload
//	kind    uint8
//	id      uint32, little-endian: of the event, call or stream that it is about
//
// Ids are given out by the side that opens what they name; the kind tells whose they are.
const headerLen = 9

// maxFrame bounds a payload. The largest is a KV value of 25 MiB with its key, or an
// upload with its bindings.
const maxFrame = 128 << 20

type kind uint8

const (
	// From the server.
	kSetup     kind = iota + 1 // first of all: settings of the child
	kVersion                   // id: version number; what is to run
	kRetire                    // id: version number
	kFetch                     // id: event
	kScheduled                 // id: event
	kRPC                       // id: event
	kInvoke                    // id: event
	kKeep                      // id: version number; how many isolates are kept
	kCancel                    // id: event; nobody waits for its answer any more
	kReply                     // id: call; the answer to a call of the child's
	kAsk                       // id: errand; build, validate, prewarm

	// From the child.
	kReady  // its sandbox is in force
	kAnswer // id: event; its response, and its report if that is known
	kReport // id: event; its report
	kLog    // id: event; one console line
	kCall   // id: call; something outside is asked for
	kUncall // id: call; the answer is not needed any more
	kErrand // id: errand; its result

	// From either. The first three are about a stream of the sender's, the others
	// about one of the receiver's.
	kChunk  kind = iota + 64 // bytes
	kEnd                     // the end
	kBroken                  // the end by an error
	kCredit                  // how many bytes more may be sent
	kStop                    // no more is wanted
)
