package runtime

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/mayfly-edge/mayfly/isolate"
	"github.com/mayfly-edge/mayfly/isolate/outside"
	"github.com/mayfly-edge/mayfly/isolate/worker"
	"github.com/mayfly-edge/mayfly/runtime/pool"
	"github.com/mayfly-edge/mayfly/runtime/script"
)

// invocationPath is the Invoke operation of Lambda's API:
// https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
const invocationPath = "/2015-03-31/functions/{name}/invocations"

const (
	maxEvent = worker.MaxLambdaBody // bytes
	logTail  = 4 << 10              // bytes of log in an answer
)

// lambdaError is a refusal as the clients of Lambda's API know it.
type lambdaError struct {
	status int
	kind   string
	text   string
}

func (e *lambdaError) Error() string { return e.text }

// Invoke answers Lambda's Invoke operation, for clients such as @aws-sdk/client-lambda
// with this server as their endpoint.
//
// A Mayfly API token of scope deploy is needed: as a bearer token, or in the header
// X-Amz-Security-Token, where clients send the session token of their credentials. The
// access key id may be anything and the signature is not looked at: verifying it would
// need the secret, and tokens are kept as hashes.
func (rt *Runtime) Invoke() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := uuid.NewString()
		w.Header().Set("X-Amzn-RequestId", id)
		err := rt.serveInvoke(w, r, id)
		if err == nil {
			return
		}
		var known *lambdaError
		if !errors.As(err, &known) {
			rt.cfg.Log.Error("invocation failed", "request", id, "error", err)
			known = &lambdaError{500, "ServiceException", "internal error, see the server's log for id " + id}
		}
		w.Header().Set("X-Amzn-ErrorType", known.kind)
		w.Header().Set("Content-Type", "application/json")
		if known.status == http.StatusTooManyRequests {
			w.Header().Set("Retry-After", "1")
		}
		w.WriteHeader(known.status)
		kind := "User"
		if known.status >= 500 {
			kind = "Service"
		}
		answer := map[string]string{"Type": kind, "Message": known.text, "message": known.text}
		if known.status == http.StatusTooManyRequests {
			answer["Reason"] = "ReservedFunctionConcurrentInvocationLimitExceeded"
		}
		text, _ := json.Marshal(answer) // strings cannot fail
		_, _ = w.Write(text)
	})
}

func (rt *Runtime) serveInvoke(w http.ResponseWriter, r *http.Request, id string) error {
	token, err := rt.lambdaToken(r)
	if err != nil {
		return err
	}
	account, name, qualifier, err := functionName(r)
	if err != nil {
		return err
	}
	if account, err = rt.lambdaAccount(token, account); err != nil {
		return err
	}
	d, l, err := rt.function(account, name, qualifier)
	if err != nil {
		return err
	}
	event, err := io.ReadAll(io.LimitReader(r.Body, maxEvent+1))
	switch {
	case err != nil:
		return &lambdaError{400, "InvalidRequestContentException", "the event could not be read: " + err.Error()}
	case len(event) > maxEvent:
		return &lambdaError{413, "RequestTooLargeException", fmt.Sprintf("the event is over the limit of %d bytes", maxEvent)}
	case len(event) == 0:
		event = []byte("{}")
	case !json.Valid(event):
		return &lambdaError{400, "InvalidRequestContentException", "Could not parse request body into json: it is not valid JSON"}
	}
	if !l.lambda {
		return &lambdaError{400, "InvalidParameterValueException", "The worker " + name + " exports no function named handler: it takes HTTP requests only"}
	}
	w.Header().Set("X-Amz-Executed-Version", l.version.Version)
	switch kind := r.Header.Get("X-Amz-Invocation-Type"); kind {
	case "DryRun":
		w.WriteHeader(http.StatusNoContent)
		return nil
	case "Event":
		// Whoever sends events does not wait, so that they may: in the limiter's queue.
		event = slices.Clone(event)
		if err := rt.reserveEvent(); err != nil {
			return err
		}
		rt.working.Add(1)
		go func() {
			defer rt.working.Done()
			defer rt.events.Add(-1)
			rt.invoke(context.Background(), d, l, id, event, rt.cfg.QueueTimeout)
		}()
		w.WriteHeader(http.StatusAccepted)
		return nil
	case "", "RequestResponse":
	default:
		return &lambdaError{400, "InvalidParameterValueException", "X-Amz-Invocation-Type is " + kind + ", it must be RequestResponse, Event or DryRun"}
	}
	answer, report, err := rt.invoke(r.Context(), d, l, id, event, 0)
	if errors.Is(err, errShed) {
		return &lambdaError{429, "TooManyRequestsException", "Rate Exceeded."}
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	if err != nil {
		h.Set("X-Amz-Function-Error", "Unhandled")
		answer = functionError(id, err)
	}
	if r.Header.Get("X-Amz-Log-Type") == "Tail" && report != nil {
		h.Set("X-Amz-Log-Result", base64.StdEncoding.EncodeToString(functionLog(report)))
	}
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write(answer) // the client may have left
	return nil
}

// waitingEvents is how many asynchronous events may be on their way.
const waitingEvents = 1000

func (rt *Runtime) reserveEvent() error {
	if rt.events.Add(1) > waitingEvents {
		rt.events.Add(-1)
		return &lambdaError{429, "TooManyRequestsException", fmt.Sprintf("%d events are on their way, which is as many as may be", waitingEvents)}
	}
	return nil
}

// invoke runs a function and waits for its answer and its report. The report is nil
// when the function was not run.
func (rt *Runtime) invoke(ctx context.Context, d *deployed, l *loaded, id string, event []byte, wait time.Duration) ([]byte, *outside.Report, error) {
	seed := outside.Report{Invocation: id, Event: outside.EventLambda}
	if err := rt.admit(func() context.Context { return ctx }, d, wait); err != nil {
		seed.Account, seed.Script, seed.Version, seed.Entrypoint = d.account, d.name, l.version.Version, "default"
		seed.Outcome, seed.Start = outside.OutcomeLoadShed, rt.cfg.Now()
		rt.publish(&seed)
		return nil, nil, err
	}
	ended := make(chan *outside.Report, 1)
	span := rt.traces.Start("")
	finished := func(r *outside.Report) {
		rt.traces.End(span, r)
		rt.leave(d)
		rt.working.Done()
		ended <- r
	}
	rt.working.Add(1)
	answer, err := rt.pool.Invoke(l.version, worker.Event{
		Context: ctx, Outside: l.session, Call: outside.Call{Invocation: id, Hops: 1, Traceparent: span.Traceparent()}, Finished: finished,
	}, event)
	rt.notRun(err, finished, l, seed)
	var none *pool.NotRun
	if errors.As(err, &none) && errors.Is(err, pool.ErrFull) {
		return nil, nil, errShed
	}
	select {
	case r := <-ended:
		return answer, r, err
	case <-ctx.Done(): // nobody waits for its log any more
		return answer, nil, err
	}
}

// functionError is the answer of a function that failed.
func functionError(id string, err error) []byte {
	type failure struct {
		Type    string   `json:"errorType"`
		Message string   `json:"errorMessage"`
		Trace   []string `json:"trace"`
	}
	f := failure{Type: "Runtime.ExitError", Message: "RequestId: " + id + " Error: " + err.Error(), Trace: []string{}}
	var thrown *isolate.Thrown
	var load *worker.LoadError
	switch {
	case errors.As(err, &thrown):
		f.Type, f.Message = thrown.Name, thrown.Message
		if thrown.Stack != "" {
			f.Trace = strings.Split(strings.TrimRight(thrown.Stack, "\n"), "\n")
		}
	case isolate.ExceededCPU(err):
		f.Type = "Sandbox.Timedout"
	case errors.As(err, &load) && load.Name != "":
		f.Type, f.Message = load.Name, load.Message
	}
	text, _ := json.Marshal(f) // strings cannot fail
	return text
}

// functionLog is the end of a function's log, in the form of Lambda's.
func functionLog(r *outside.Report) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "START RequestId: %s Version: %s\n", r.Invocation, r.Version)
	for _, l := range r.Logs {
		fmt.Fprintf(&b, "%s\t%s\t%s\t%s\n", l.Time.UTC().Format("2006-01-02T15:04:05.000Z"), r.Invocation, strings.ToUpper(l.Level), l.Text)
	}
	ms := func(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
	billed := (r.Wall + time.Millisecond - 1) / time.Millisecond
	fmt.Fprintf(&b, "END RequestId: %s\nREPORT RequestId: %s\tDuration: %.2f ms\tBilled Duration: %d ms\tCPU Time: %.2f ms", r.Invocation, r.Invocation, ms(r.Wall), billed, ms(r.CPU))
	if r.ColdStart > 0 {
		fmt.Fprintf(&b, "\tInit Duration: %.2f ms", ms(r.ColdStart))
	}
	b.WriteString("\n")
	text := b.String()
	return []byte(text[max(0, len(text)-logTail):])
}

// lambdaToken finds the token of a request.
func (rt *Runtime) lambdaToken(r *http.Request) (*script.Token, error) {
	text := r.Header.Get("X-Amz-Security-Token")
	if scheme, bearer, ok := strings.Cut(r.Header.Get("Authorization"), " "); ok && strings.EqualFold(scheme, "Bearer") {
		text = strings.TrimSpace(bearer)
	}
	if text == "" {
		return nil, &lambdaError{403, "MissingAuthenticationTokenException", "Missing Authentication Token: set the session token of the credentials to a Mayfly API token"}
	}
	var token *script.Token
	err := rt.store.View(func(tx *script.Tx) (err error) {
		token, err = tx.Token(text)
		return err
	})
	if errors.Is(err, script.UnknownToken) {
		return nil, &lambdaError{403, "UnrecognizedClientException", "The security token included in the request is invalid."}
	}
	return token, err
}

// lambdaAccount is the id of the account whose functions are asked for: the one of the
// function's ARN, else the token's, else the server's own.
func (rt *Runtime) lambdaAccount(token *script.Token, id string) (string, error) {
	if id == "" {
		if id = token.Account; id == "" {
			id = script.DefaultAccount
		}
	}
	denied := &lambdaError{403, "AccessDeniedException", "The API token does not allow this: the scope deploy for the function's account is needed"}
	err := rt.store.View(func(tx *script.Tx) error {
		a, err := tx.Account(id)
		if errors.Is(err, script.UnknownAccount) {
			return denied
		}
		if err == nil {
			id = a.ID
		}
		return err
	})
	if err != nil {
		return "", err
	}
	if !token.Allows(id, script.ScopeDeploy) {
		return "", denied
	}
	return id, nil
}

// functionName reads which function a request is for. Its name may be a plain name,
// ACCOUNT:function:NAME or an ARN, each with a version after a colon.
func functionName(r *http.Request) (account, name, qualifier string, err error) {
	path := strings.TrimPrefix(r.URL.EscapedPath(), "/2015-03-31/functions/")
	path, _, _ = strings.Cut(path, "/")
	if path, err = url.PathUnescape(path); err != nil {
		return "", "", "", &lambdaError{400, "InvalidParameterValueException", "the name of the function is not properly encoded"}
	}
	parts := strings.Split(path, ":")
	if len(parts) >= 7 && parts[0] == "arn" {
		parts = parts[4:]
	}
	if len(parts) >= 3 && parts[1] == "function" {
		account, parts = parts[0], parts[2:]
	}
	name = parts[0]
	if len(parts) == 2 {
		qualifier = parts[1]
	}
	if q := r.URL.Query().Get("Qualifier"); q != "" {
		qualifier = q
	}
	if len(parts) > 2 || script.CheckName(name) != nil {
		return "", "", "", &lambdaError{400, "ValidationException", fmt.Sprintf("%q is not the name or the ARN of a function", path)}
	}
	return account, name, qualifier, nil
}

// function finds the version of a function that is to run: one of the active deployment,
// or the one whose id is given.
func (rt *Runtime) function(account, name, qualifier string) (*deployed, *loaded, error) {
	missing := &lambdaError{404, "ResourceNotFoundException", "Function not found: " + worker.LambdaARN(account, name)}
	d, err := rt.scripts.get(scriptKey(account, name))
	var unknown *script.Error
	if errors.As(err, &unknown) {
		return nil, nil, missing
	}
	if err != nil {
		return nil, nil, err
	}
	if qualifier == "" || qualifier == "$LATEST" {
		return d, d.versions[d.deployment.Pick(rand.Float64())], nil
	}
	if l := d.versions[qualifier]; l != nil {
		return d, l, nil
	}
	missing.text += ":" + qualifier
	return nil, nil, missing
}
