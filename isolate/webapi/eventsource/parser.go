package eventsource

import (
	"bytes"
	"errors"
	"strconv"
	"time"
)

// MaxEvent is how many bytes of one event, or of one line, may come, which are kept until
// it is whole.
const MaxEvent = 4 << 20

var errTooLong = errors.New("an event is too long")

// A message is one event, as bytes of what should be UTF-8.
type message struct {
	typ, data string
	lastID    string
}

// A parser reads an event stream:
// https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
type parser struct {
	retry  time.Duration // the last that the stream has set; negative before
	lastID string        // of the last event

	line    []byte // begun
	begun   bool   // the first line has come
	carried bool   // the last byte was a CR
	typ     string
	data    []byte
	id      string
}

func newParser(lastID string) *parser { return &parser{retry: -1, lastID: lastID} }

// feed takes the next bytes and calls emit for each event that they complete.
func (p *parser) feed(chunk []byte, emit func(message)) error {
	for len(chunk) > 0 {
		if p.carried {
			p.carried = false
			if chunk[0] == '\n' {
				chunk = chunk[1:]
				continue
			}
		}
		end := bytes.IndexAny(chunk, "\r\n")
		size := end
		if end < 0 {
			size = len(chunk)
		}
		if len(p.line)+size+len(p.data) > MaxEvent {
			return errTooLong
		}
		if end < 0 {
			p.line = append(p.line, chunk...)
			return nil
		}
		line := chunk[:end]
		if len(p.line) > 0 {
			p.line = append(p.line, line...)
			line = p.line
		}
		p.carried = chunk[end] == '\r'
		chunk = chunk[end+1:]
		if !p.begun {
			p.begun = true
			line = bytes.TrimPrefix(line, []byte("\xef\xbb\xbf"))
		}
		p.process(line, emit)
		p.line = p.line[:0]
	}
	return nil
}

// process takes a line without its end.
func (p *parser) process(line []byte, emit func(message)) {
	if len(line) == 0 {
		p.dispatch(emit)
		return
	}
	field, value, _ := bytes.Cut(line, []byte(":"))
	value = bytes.TrimPrefix(value, []byte(" "))
	switch string(field) {
	case "event":
		p.typ = string(value)
	case "data":
		p.data = append(append(p.data, value...), '\n')
	case "id":
		if bytes.IndexByte(value, 0) < 0 {
			p.id = string(value)
		}
	case "retry":
		if ms, err := strconv.ParseUint(string(value), 10, 31); err == nil {
			p.retry = time.Duration(ms) * time.Millisecond
		}
	}
}

// dispatch: https://html.spec.whatwg.org/multipage/server-sent-events.html#dispatchMessage
func (p *parser) dispatch(emit func(message)) {
	p.lastID = p.id
	typ := p.typ
	p.typ = ""
	if len(p.data) == 0 {
		return
	}
	if typ == "" {
		typ = "message"
	}
	m := message{typ: typ, data: string(p.data[:len(p.data)-1]), lastID: p.lastID}
	p.data = p.data[:0]
	emit(m)
}
