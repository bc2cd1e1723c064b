package outside

import (
	"context"
	"io"
)

// A Field is one header line. Name is lower-case; Value holds bytes (one per
// character, as on the wire) without leading or trailing white space, CR, LF or NUL.
type Field struct{ Name, Value string }

// A Body is a message body. Exactly one form is in use: none (the zero value),
// whole (Bytes non-nil) or streamed (Stream non-nil). Who receives a Body owns it
// and must close its Stream; Bytes must not be changed by either side afterwards.
type Body struct {
	Bytes  []byte
	Stream io.ReadCloser
	// Length is the number of bytes Stream will yield, or -1 when unknown.
	// It is meaningless unless Stream is set.
	Length int64
}

// None reports whether there is no body at all, as opposed to an empty one.
func (b Body) None() bool { return b.Bytes == nil && b.Stream == nil }

// Len is the length in bytes, or -1 when it is not known.
func (b Body) Len() int64 {
	if b.Stream != nil {
		return b.Length
	}
	return int64(len(b.Bytes))
}

// Close releases a streamed body; on any other it does nothing.
func (b Body) Close() error {
	if b.Stream == nil {
		return nil
	}
	return b.Stream.Close()
}

// Redirect modes of a Request (https://fetch.spec.whatwg.org/#concept-request-redirect-mode).
const (
	RedirectFollow = "follow"
	RedirectError  = "error"
	RedirectManual = "manual"
)

// A Request is an HTTP request entering or leaving an isolate.
type Request struct {
	Method string
	URL    string // absolute serialised URL, without fragment
	Header []Field
	Body   Body
	// Redirect is one of the Redirect constants; "" means RedirectFollow.
	// It has no meaning for a request entering an isolate.
	Redirect string
	// KeepEncoding leaves a compressed response body as it came (encodeBody "manual").
	KeepEncoding bool
	// CF is the JSON text of request.cf, or nil.
	CF []byte
}

// A Response is an HTTP response entering or leaving an isolate.
type Response struct {
	Status     int
	StatusText string
	Header     []Field
	Body       Body
	// URL is the final URL of a fetched response, after redirects; "" for one made by a worker.
	URL        string
	Redirected bool
	// KeepEncoding says that Body already has the coding named by content-encoding
	// (encodeBody "manual"); otherwise the front end applies it.
	KeepEncoding bool
	// Socket is the other end of an accepted WebSocket when Status is 101, else nil.
	Socket Socket
}

// A Message is one WebSocket message.
type Message struct {
	Data []byte
	Text bool // Data is valid UTF-8 text, else binary
}

// A Socket is one end of a WebSocket as seen from the other side of the boundary.
// Read and Write may be called by one goroutine each, Close by any.
type Socket interface {
	// Read waits for the next message. After a close frame it returns a *CloseError.
	Read(ctx context.Context) (Message, error)
	// Write sends one message and waits until it is on its way.
	Write(ctx context.Context, m Message) error
	// Close starts or answers the closing handshake. Code 0 sends no status code.
	Close(code int, reason string) error
}
