package control

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/valyala/fasthttp"

	"github.com/mayfly-edge/mayfly/kv"
	"github.com/mayfly-edge/mayfly/runtime/script"
)

// A Validator compiles a version and runs its top level. The version is resolved and
// complete but for its id. A failure that is the author's is a *script.Error of kind
// ParseFailed, StartupFailed, NoHandlers, UnsupportedHandler or CodeTooLarge whose
// message ends with the stack in the author's coordinates.
type Validator interface {
	Validate(ctx context.Context, v *script.Version) (Validation, error)
}

// A Validation is what running the top level showed.
type Validation struct {
	StartupTime time.Duration // CPU time of the top level
	Handlers    []string      // fetch, scheduled ...
	Entrypoints []string      // names of exported classes that service bindings can name
	// Artifacts is what was derived from the code, to be kept with the version.
	Artifacts map[string][]byte
}

// Tails gives live logs.
type Tails interface {
	// Check reports what is wrong with the filters of a session, a JSON array or empty.
	Check(filters json.RawMessage) error
	// Watch calls send with the JSON text of each tail item that passes until ctx is
	// done or send fails. It fails when there are too many viewers.
	Watch(ctx context.Context, q TailQuery, send func(item []byte) error) error
}

// A TailQuery says what a tail session shows.
type TailQuery struct {
	Account string
	Script  string
	Filters json.RawMessage // as the client sent them
	Client  string          // address of the tailing client, for the filter "self"
}

// Usage answers questions about what was used. The results are encoded as JSON. Query
// parameters it does not accept are *script.Error of kind BadValue.
type Usage interface {
	Usage(ctx context.Context, account string, query url.Values) (any, error)
	Invoice(ctx context.Context, account string, query url.Values) (any, error)
}

// Strikes knows the scripts that were taken out of service for harming their host.
type Strikes interface {
	// Release lets a script run again.
	Release(ctx context.Context, account, script string) error
}

// A Mount adds an endpoint of another part of the server.
type Mount struct {
	Method  string
	Pattern string // absolute path; {name} stands for one segment
	// Scope is what a token needs: for the account that the pattern calls {account}, or
	// for all accounts when there is none. "" asks for no token.
	Scope script.Scope
	// Answer's result, or error, is sent as those of the other endpoints are. A Mount has
	// either Answer or Handler, which writes its answer itself.
	Answer  func(ctx context.Context, q Question) (any, error)
	Handler http.Handler
}

// A Question is a request without body that a Mount answers.
type Question struct {
	Account string // id of the account in the path, or ""
	Query   url.Values
	params  map[string]string
}

// Param is the part of the path that the Mount's pattern calls {name}.
func (q *Question) Param(name string) string { return q.params[name] }

// A List is an answer that is one page of a list. Cursor is that of the next, or "".
type List struct {
	Items  any
	Count  int
	Cursor string
}

// Options configures New. Store, KV and Validator are required.
type Options struct {
	Store     *script.Store
	KV        *kv.DB
	Validator Validator
	// Tails, Usage and Strikes may be nil: their endpoints then say so.
	Tails   Tails
	Usage   Usage
	Strikes Strikes
	// CheckCron reports what is wrong with a cron expression. nil accepts all.
	CheckCron func(expression string) error
	// Ready reports why the server cannot take traffic, for /readyz. nil is always ready.
	Ready func(ctx context.Context) error
	// Containment lists the parts of what workers are contained by, and what is missing,
	// a line each, for /readyz. nil says nothing of it.
	Containment func() []string
	// Address gives the URL at which a script answers by its own host name, such as
	// "https://hello.example.net". nil leaves addresses out of answers.
	Address func(scriptName string) string
	// PublicURL is the base of this API as clients see it, for the address of a tail
	// session; "" takes the Host header of the request.
	PublicURL string
	Mounts    []Mount
	Logger    *slog.Logger
	// Now is the clock; nil is time.Now.
	Now func() time.Time
}

// A Control is a control plane. It is safe for concurrent use.
type Control struct {
	Options
	router *router
	server *fasthttp.Server
	tails  tailSessions
	ctx    context.Context // done when the control plane closes
	cancel context.CancelFunc
}

// Limits of the listener.
const (
	prefetch    = 64 << 10        // a body up to this is read before the handler runs
	headerLimit = 32 << 10        // request line and headers
	readTimeout = 5 * time.Minute // a whole request
	idleTimeout = 2 * time.Minute
)

// New checks the options and returns a control plane.
func New(o Options) (*Control, error) {
	if o.Store == nil || o.KV == nil || o.Validator == nil {
		return nil, errors.New("control: Store, KV and Validator must be set")
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	c := &Control{Options: o, router: newRouter()}
	c.ctx, c.cancel = context.WithCancel(context.Background())
	for _, e := range endpoints() {
		c.router.add(e)
	}
	for _, m := range o.Mounts {
		if (m.Handler == nil) == (m.Answer == nil) || m.Pattern == "" || m.Pattern[0] != '/' {
			return nil, fmt.Errorf("control: mount %q needs an answer or a handler, and a pattern beginning with /", m.Pattern)
		}
		c.router.add(mounted(m))
	}
	c.tails.init(o.Now)
	c.server = &fasthttp.Server{
		Handler:                      c.Handle,
		Name:                         "mayfly",
		StreamRequestBody:            true,
		MaxRequestBodySize:           prefetch,
		DisablePreParseMultipartForm: true,
		ReadBufferSize:               headerLimit,
		ReadTimeout:                  readTimeout,
		IdleTimeout:                  idleTimeout,
		CloseOnShutdown:              true,
		NoDefaultContentType:         true,
		Logger:                       quietLogger{o.Logger},
	}
	return c, nil
}

// Serve answers requests on l until Shutdown. It then returns nil.
func (c *Control) Serve(l net.Listener) error { return c.server.Serve(l) }

// Shutdown stops taking connections, ends tail sessions and waits for running requests
// until ctx is done.
func (c *Control) Shutdown(ctx context.Context) error {
	c.cancel()
	return c.server.ShutdownWithContext(ctx)
}

// quietLogger keeps the server's own complaints about clients out of the way.
type quietLogger struct{ log *slog.Logger }

func (l quietLogger) Printf(format string, args ...any) {
	l.log.Debug("control listener", "message", fmt.Sprintf(format, args...))
}
