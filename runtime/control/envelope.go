package control

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/mayfly-edge/mayfly/kv"
	"github.com/mayfly-edge/mayfly/runtime/script"
)

// An envelope is the form of every answer that is not raw.
type envelope struct {
	Success  bool          `json:"success"`
	Errors   []errorDetail `json:"errors"`
	Messages []string      `json:"messages"`
	Result   any           `json:"result"`
	Info     *resultInfo   `json:"result_info,omitempty"`
}

type errorDetail struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
}

// resultInfo tells where a page is in its list.
type resultInfo struct {
	Page       int     `json:"page,omitempty"`
	PerPage    int     `json:"per_page,omitempty"`
	Count      int     `json:"count"`
	TotalCount int     `json:"total_count,omitempty"`
	Cursor     *string `json:"cursor,omitempty"`
}

// A page is a result with its resultInfo.
type page struct {
	items any
	info  resultInfo
}

// withStatus is a result with a status other than 200.
type withStatus struct {
	status int
	result any
}

// raw is an answer without envelope.
type raw struct {
	contentType string
	header      [][2]string
	body        []byte
}

// done says that the handler has written the answer itself.
type done struct{}

// An apiError is a failure as the client sees it.
type apiError struct {
	status  int
	code    int
	message string
}

func (e *apiError) Error() string { return e.message }

// Codes that are not tied to one script.Kind.
const (
	codeAuthentication = 10000
	codeNoRoute        = 7003
	codeBadBody        = 10026
	codeConflict       = 10035
	codeKeyNotFound    = 10009
	codeUnsupported    = 10501
	codeInternal       = 10001
)

func badRequest(format string, args ...any) *apiError {
	return &apiError{400, codeBadBody, fmt.Sprintf(format, args...)}
}

func tooLarge(limit int) *apiError {
	return &apiError{413, codeBadBody, fmt.Sprintf("the body is over the limit of %d bytes for this address", limit)}
}

func unsupported(what string) *apiError {
	return &apiError{400, codeUnsupported, what + " not supported by Mayfly"}
}

func internal(id string) *apiError {
	return &apiError{500, codeInternal, "internal error, see the server's log for id " + id}
}

// kinds is the one table from what went wrong to status and code. Permanent errors are
// 4xx: a client repeats the whole upload on 5xx.
var kinds = [...]struct{ status, code int }{
	script.UnknownAccount:      {404, codeNoRoute},
	script.UnknownScript:       {404, 10007},
	script.UnknownVersion:      {404, 10007},
	script.UnknownDeployment:   {404, 10007},
	script.UnknownNamespace:    {404, 10013},
	script.UnknownRoute:        {404, 10009},
	script.UnknownDomain:       {404, 100114},
	script.UnknownSecret:       {404, 10056},
	script.UnknownToken:        {404, 1003},
	script.UnknownAsset:        {404, 10012},
	script.BadName:             {400, 10016},
	script.BadValue:            {400, 10021},
	script.BadRoute:            {400, 10022},
	script.RouteTaken:          {409, 10020},
	script.TitleTaken:          {400, 10014},
	script.BadBinding:          {400, 10052},
	script.UnsupportedBinding:  {400, 10056},
	script.UnresolvedInherit:   {400, 10057},
	script.UnresolvedReference: {400, 10041},
	script.TooManyBindings:     {400, 10055},
	script.VariableTooLarge:    {400, 10054},
	script.BadDeployment:       {400, 10212},
	script.LatestNotDeployed:   {400, 10215},
	script.SecretsChanged:      {400, 10220},
	script.TooManyScripts:      {403, 10037},
	script.InUse:               {409, 10064},
	script.ParseFailed:         {400, 10006},
	script.StartupFailed:       {400, 10021},
	script.NoHandlers:          {400, 10068},
	script.UnsupportedHandler:  {400, 10069},
	script.CodeTooLarge:        {413, 10027},
	script.AssetMissing:        {400, 10304},
}

// describe turns an error that the client caused, or can act on, into what it is told.
// It returns nil for all others.
func describe(err error) *apiError {
	var api *apiError
	if errors.As(err, &api) {
		return api
	}
	var e *script.Error
	if errors.As(err, &e) && int(e.Kind) < len(kinds) && kinds[e.Kind].status != 0 {
		return &apiError{kinds[e.Kind].status, kinds[e.Kind].code, e.Message}
	}
	var store *kv.Error
	if errors.As(err, &store) {
		return &apiError{store.Status, kvCode(store.Code), store.Reason}
	}
	if errors.Is(err, kv.ErrTooLarge) {
		return &apiError{413, codeBadBody, "this changes too many records at once"}
	}
	return nil
}

func kvCode(code string) int {
	switch code {
	case kv.CodeBadOption:
		return 10029
	case kv.CodeTooLarge:
		return 10025
	case kv.CodeKeyTooLong:
		return 10030
	}
	return codeInternal
}

func (k *call) succeed(result any) {
	switch r := result.(type) {
	case done:
	case raw:
		for _, h := range r.header {
			k.http.Response.Header.Set(h[0], h[1])
		}
		k.http.Response.Header.Set("Cache-Control", "no-store")
		k.http.Response.Header.Set("X-Content-Type-Options", "nosniff")
		k.http.SetContentType(r.contentType)
		k.http.SetBody(r.body)
	case page:
		k.write(200, envelope{Success: true, Result: r.items, Info: &r.info})
	case List:
		k.write(200, envelope{Success: true, Result: r.Items, Info: &resultInfo{Count: r.Count, Cursor: &r.Cursor}})
	case withStatus:
		k.write(r.status, envelope{Success: true, Result: r.result})
	default:
		k.write(200, envelope{Success: true, Result: result})
	}
}

func (k *call) fail(e *apiError) {
	if e.status == 401 {
		k.http.Response.Header.Set("WWW-Authenticate", `Bearer realm="mayfly"`)
	}
	k.write(e.status, envelope{Errors: []errorDetail{{e.code, e.message}}})
}

func (k *call) write(status int, e envelope) {
	if e.Errors == nil {
		e.Errors = []errorDetail{}
	}
	if e.Messages == nil {
		e.Messages = []string{}
	}
	body, err := json.Marshal(e)
	if err != nil {
		k.Logger.Error("control plane answer cannot be encoded", "error", err)
		status, body = 500, []byte(`{"success":false,"errors":[{"code":10001,"message":"internal error"}],"messages":[],"result":null}`)
	}
	k.http.SetStatusCode(status)
	k.http.Response.Header.Set("Cache-Control", "no-store")
	k.http.SetContentType("application/json")
	k.http.SetBody(append(body, '\n'))
}

// paginate cuts the page asked for by ?page= and ?per_page= out of all.
func paginate[T any](k *call, all []T) (any, error) {
	number, err := k.number("page", 1, 1, 1<<30)
	if err != nil {
		return nil, err
	}
	per, err := k.number("per_page", 100, 1, 1000)
	if err != nil {
		return nil, err
	}
	from := min((number-1)*per, len(all))
	items := all[from:min(from+per, len(all))]
	if items == nil {
		items = []T{}
	}
	return page{items, resultInfo{Page: number, PerPage: per, Count: len(items), TotalCount: len(all)}}, nil
}
