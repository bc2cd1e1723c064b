package host

import (
	"github.com/mayfly-edge/mayfly/isolate/outside"
)

func appendFields(b []byte, list []outside.Field) []byte {
	b = appendUint(b, uint64(len(list)))
	for i := range list {
		b = appendString(b, list[i].Name)
		b = appendString(b, list[i].Value)
	}
	return b
}

func (d *decoder) fields() []outside.Field {
	n := d.count(2)
	if n == 0 {
		return nil
	}
	list := make([]outside.Field, n)
	for i := range list {
		list[i].Name = d.string()
		list[i].Value = d.string()
	}
	return list
}

// Flags of messages.
const (
	flagKeepEncoding = 1 << iota
	flagRedirected
	flagFollow
	flagError
	flagManual
)

var redirects = [...]struct {
	flag byte
	mode string
}{{flagFollow, outside.RedirectFollow}, {flagError, outside.RedirectError}, {flagManual, outside.RedirectManual}}

// appendRequest writes a request. The stream returned, if any, is to be pumped once the
// frame is queued.
func (l *link) appendRequest(b []byte, r *outside.Request) ([]byte, *outStream) {
	flags := byte(0)
	if r.KeepEncoding {
		flags = flagKeepEncoding
	}
	for _, m := range redirects {
		if r.Redirect == m.mode {
			flags |= m.flag
		}
	}
	b = append(b, flags)
	b = appendString(b, r.Method)
	b = appendString(b, r.URL)
	b = appendFields(b, r.Header)
	b = appendBytes(b, r.CF)
	return l.appendBody(b, r.Body)
}

func (l *link) request(d *decoder) *outside.Request {
	flags := d.byte()
	r := &outside.Request{KeepEncoding: flags&flagKeepEncoding != 0}
	for _, m := range redirects {
		if flags&m.flag != 0 {
			r.Redirect = m.mode
		}
	}
	r.Method = d.string()
	r.URL = d.string()
	r.Header = d.fields()
	r.CF = d.bytes()
	r.Body = l.body(d)
	return r
}

// appendResponse writes a response but for its socket.
func (l *link) appendResponse(b []byte, r *outside.Response) ([]byte, *outStream) {
	flags := byte(0)
	if r.KeepEncoding {
		flags = flagKeepEncoding
	}
	if r.Redirected {
		flags |= flagRedirected
	}
	b = append(b, flags)
	b = appendUint(b, uint64(r.Status))
	b = appendString(b, r.StatusText)
	b = appendString(b, r.URL)
	b = appendFields(b, r.Header)
	return l.appendBody(b, r.Body)
}

func (l *link) response(d *decoder) *outside.Response {
	flags := d.byte()
	r := &outside.Response{KeepEncoding: flags&flagKeepEncoding != 0, Redirected: flags&flagRedirected != 0}
	status := d.uint()
	if status > 999 {
		d.fail()
	}
	r.Status = int(status)
	r.StatusText = d.string()
	r.URL = d.string()
	r.Header = d.fields()
	r.Body = l.body(d)
	return r
}

func appendLine(b []byte, line *outside.LogLine) []byte {
	b = appendTime(b, line.Time)
	b = appendString(b, line.Level)
	b = appendString(b, line.Text)
	return appendBytes(b, line.Message)
}

func (d *decoder) line() outside.LogLine {
	return outside.LogLine{Time: d.time(), Level: d.string(), Text: d.string(), Message: d.bytes()}
}

func appendException(b []byte, e *outside.Exception) []byte {
	b = appendTime(b, e.Time)
	b = appendString(b, e.Name)
	b = appendString(b, e.Message)
	return appendString(b, e.Stack)
}

func (d *decoder) exception() outside.Exception {
	return outside.Exception{Time: d.time(), Name: d.string(), Message: d.string(), Stack: d.string()}
}

// appendReport writes what the server does not know of an event: it has the event, the
// request and the log lines.
func appendReport(b []byte, r *outside.Report) []byte {
	b = appendString(b, string(r.Event))
	b = appendString(b, string(r.Outcome))
	b = appendTime(b, r.Start)
	b = appendInt(b, int64(r.Wall))
	b = appendInt(b, int64(r.CPU))
	b = appendInt(b, int64(r.ColdStart))
	for _, n := range [...]int64{int64(r.Status), int64(r.Subrequests), int64(r.KVReads), int64(r.KVWrites),
		int64(r.KVDeletes), int64(r.KVLists), r.BytesIn, r.BytesOut} {
		b = appendInt(b, n)
	}
	b = appendBool(b, r.Truncated)
	b = appendUint(b, uint64(len(r.Exceptions)))
	for i := range r.Exceptions {
		b = appendException(b, &r.Exceptions[i])
	}
	return b
}

// report reads into r what appendReport wrote.
func (d *decoder) report(r *outside.Report) {
	if event := outside.Event(d.string()); event == outside.EventLambda {
		r.Event = event // a request to one is an event of another kind
	}
	said := d.string()
	for _, o := range outside.Outcomes {
		if string(o) == said {
			r.Outcome = o
		}
	}
	if r.Outcome == "" {
		d.fail()
	}
	r.Start = d.time()
	r.Wall, r.CPU, r.ColdStart = d.duration(), d.duration(), d.duration()
	for _, p := range [...]*int{&r.Status, &r.Subrequests, &r.KVReads, &r.KVWrites, &r.KVDeletes, &r.KVLists} {
		*p = int(d.int())
	}
	r.BytesIn, r.BytesOut = d.int(), d.int()
	r.Truncated = d.bool()
	if n := d.count(4); n > 0 {
		r.Exceptions = make([]outside.Exception, n)
		for i := range r.Exceptions {
			r.Exceptions[i] = d.exception()
		}
	}
}

func appendEntries(b []byte, list []outside.KVEntry) []byte {
	b = appendUint(b, uint64(len(list)))
	for i := range list {
		b = appendBool(b, list[i].Found)
		b = appendBytes(b, list[i].Value)
		b = appendBytes(b, list[i].Metadata)
	}
	return b
}

func (d *decoder) entries() []outside.KVEntry {
	list := make([]outside.KVEntry, d.count(3))
	for i := range list {
		list[i] = outside.KVEntry{Found: d.bool(), Value: d.bytes(), Metadata: d.bytes()}
	}
	return list
}

func appendPut(b []byte, p *outside.KVPut) []byte {
	b = appendString(b, p.Key)
	b = appendBytes(b, p.Value)
	b = appendBytes(b, p.Metadata)
	b = appendInt(b, p.Expiration)
	return appendInt(b, p.ExpirationTTL)
}

func (d *decoder) put() outside.KVPut {
	return outside.KVPut{Key: d.string(), Value: d.bytes(), Metadata: d.bytes(), Expiration: d.int(), ExpirationTTL: d.int()}
}

func appendList(b []byte, l *outside.KVList) []byte {
	b = appendString(b, l.Prefix)
	b = appendInt(b, int64(l.Limit))
	return appendString(b, l.Cursor)
}

func (d *decoder) list() outside.KVList {
	return outside.KVList{Prefix: d.string(), Limit: int(d.int()), Cursor: d.string()}
}

func appendPage(b []byte, p *outside.KVPage) []byte {
	b = appendBool(b, p.Complete)
	b = appendString(b, p.Cursor)
	b = appendUint(b, uint64(len(p.Keys)))
	for i := range p.Keys {
		b = appendString(b, p.Keys[i].Name)
		b = appendInt(b, p.Keys[i].Expiration)
		b = appendBytes(b, p.Keys[i].Metadata)
	}
	return b
}

func (d *decoder) page() *outside.KVPage {
	p := &outside.KVPage{Complete: d.bool(), Cursor: d.string()}
	p.Keys = make([]outside.KVKey, d.count(3))
	for i := range p.Keys {
		p.Keys[i] = outside.KVKey{Name: d.string(), Expiration: d.int(), Metadata: d.bytes()}
	}
	return p
}

func appendCall(b []byte, c *outside.Call) []byte {
	b = appendString(b, c.Invocation)
	b = appendInt(b, int64(c.Hops))
	return appendString(b, c.Traceparent)
}

func (d *decoder) call() outside.Call {
	return outside.Call{Invocation: d.string(), Hops: int(d.int()), Traceparent: d.string()}
}
