package outside

import "time"

// An Outcome is how an invocation ended, in the words of Cloudflare's tail.
type Outcome string

const (
	OutcomeOK                 Outcome = "ok"
	OutcomeException          Outcome = "exception"
	OutcomeExceededCPU        Outcome = "exceededCpu"
	OutcomeExceededMemory     Outcome = "exceededMemory"
	OutcomeExceededWallTime   Outcome = "exceededWallTime"
	OutcomeCanceled           Outcome = "canceled"
	OutcomeScriptNotFound     Outcome = "scriptNotFound"
	OutcomeLoadShed           Outcome = "loadShed"
	OutcomeStreamDisconnected Outcome = "responseStreamDisconnected"
	OutcomeInternalError      Outcome = "internalError"
)

// Outcomes lists every Outcome in the order in which they are counted and shown.
var Outcomes = [...]Outcome{
	OutcomeOK, OutcomeException, OutcomeExceededCPU, OutcomeExceededMemory, OutcomeExceededWallTime,
	OutcomeCanceled, OutcomeScriptNotFound, OutcomeLoadShed, OutcomeStreamDisconnected, OutcomeInternalError,
}

// An Event is what started an invocation.
type Event string

const (
	EventFetch     Event = "fetch"
	EventScheduled Event = "scheduled"
	EventRPC       Event = "rpc"
	EventLambda    Event = "lambda"
	EventAsset     Event = "asset" // a static file, answered without an isolate
)

// A Report tells everything about one finished invocation. Metering, metrics and
// tail all read this one value, so their figures cannot disagree. It must not be
// changed once published.
type Report struct {
	Account    string
	Script     string
	Version    string // version id
	Entrypoint string // "default" or the name of a WorkerEntrypoint
	Invocation string // request id
	Event      Event
	// Internal marks an invocation by another worker, which is not billed as a request.
	Internal bool

	Method    string // of a fetch event
	URL       string
	Header    []Field
	CF        []byte    // JSON text of request.cf, or nil
	Status    int       // of the response, 0 when there was none
	Cron      string    // of a scheduled event
	Time      time.Time // scheduled time of a scheduled event
	RPCMethod string    // of an RPC event

	Outcome   Outcome
	Start     time.Time
	Wall      time.Duration // from the event to the last waitUntil
	CPU       time.Duration // thread CPU time of this invocation's turns
	ColdStart time.Duration // time spent loading the worker for this invocation, 0 when warm

	Subrequests int
	KVReads     int
	KVWrites    int
	KVDeletes   int
	KVLists     int
	BytesIn     int64 // request body
	BytesOut    int64 // response body

	Logs       []LogLine
	Exceptions []Exception
	Truncated  bool // logs were cut at their limit
}

// A LogLine is one call of a console method.
type LogLine struct {
	Time  time.Time
	Level string // debug, info, log, warn or error
	// Text is the line as a person reads it.
	Text string
	// Message is the JSON text of the array of arguments, as tail shows them.
	Message []byte
}

// An Exception is an uncaught error.
type Exception struct {
	Time    time.Time
	Name    string
	Message string
	Stack   string // in the author's coordinates
}
