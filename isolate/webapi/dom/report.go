package dom

import (
	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// errorReporter is what a realm keeps about uncaught exceptions.
type errorReporter struct {
	report    func(exception goja.Value, from AnyEvent)
	reporting bool // https://html.spec.whatwg.org/#in-error-reporting-mode
}

type reporterKey struct{ _ byte }

var reporterSlot reporterKey

func reporterOf(js *webidl.Realm) *errorReporter {
	return webidl.Slot(js, &reporterSlot, func() *errorReporter { return &errorReporter{} })
}

// OnUncaught makes report receive every exception that no code is left to catch and
// that no error listener of the global object canceled. from is the event whose listener
// threw it, or nil.
func OnUncaught(js *webidl.Realm, report func(exception goja.Value, from AnyEvent)) {
	reporterOf(js).report = report
}

// ReportError reports an exception that came out of a callback. An interrupt is no
// exception of the script's: it is passed on as a panic.
func ReportError(js *webidl.Realm, err error) { reportError(js, err, nil) }

func reportError(js *webidl.Realm, err error, from AnyEvent) {
	if webidl.Interrupted(err) {
		panic(err)
	}
	var at goja.StackFrame
	if thrown, ok := err.(*goja.Exception); ok && len(thrown.Stack()) > 0 {
		at = thrown.Stack()[0]
	}
	report(js, js.ErrorValue(err), at, from)
}

// ReportException is https://html.spec.whatwg.org/#report-an-exception
func ReportException(js *webidl.Realm, exception goja.Value) {
	report(js, exception, goja.StackFrame{}, nil)
}

func report(js *webidl.Realm, exception goja.Value, at goja.StackFrame, from AnyEvent) {
	r := reporterOf(js)
	handled := false
	if target := GlobalTarget(js); !r.reporting && listensGlobally(js, target, "error") {
		r.reporting = true
		func() {
			defer func() { r.reporting = false }()
			place := at.Position()
			handled = !Dispatch(js, target, &ErrorEvent{
				Event:   NewEvent(js, "error", EventInit{Cancelable: true}),
				message: "Uncaught " + describe(js, exception), error: exception,
				filename: place.Filename, lineno: uint32(place.Line), colno: uint32(place.Column),
			})
		}()
	}
	if !handled && r.report != nil {
		r.report(exception, from)
	}
}

// describe is the exception as a string, without letting it throw again.
func describe(js *webidl.Realm, v goja.Value) string {
	s := "exception"
	if err := js.Catch(func() { s = v.String() }); err != nil && webidl.Interrupted(err) {
		panic(err)
	}
	return s
}
