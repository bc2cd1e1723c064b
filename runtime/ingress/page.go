package ingress

import (
	"encoding/json"
	"html"
	"strconv"
	"strings"

	"github.com/mayfly-edge/mayfly/isolate/outside"
)

// A Page is an answer the platform gives in place of a worker.
type Page struct {
	Status int
	// Code is Mayfly's error code, the same as Cloudflare's where it has one; 0 for
	// plain HTTP errors.
	Code  int
	Title string
	// Detail says what happened to whoever sees the page. It must hold no secret.
	Detail string
	Header []outside.Field // further fields, such as retry-after
}

// PageFor is the page of an error code or, for a number below 1000, of an HTTP
// status. An empty detail is replaced by what can be said in general.
func PageFor(code int, detail string) Page {
	p := Page{Status: code, Title: statusText(code)}
	general := ""
	switch code {
	case 1015:
		p = Page{Status: 429, Code: code, Title: "You are being rate limited"}
		p.Header = []outside.Field{{Name: "retry-after", Value: "1"}}
		general = "Too many requests have come in too short a time."
	case 1019:
		p = Page{Status: 508, Code: code, Title: "Too many hops"}
		general = "The request has passed through too many workers; they may call each other in a circle."
	case 1027:
		p = Page{Status: 429, Code: code, Title: "Daily request limit reached"}
		general = "The account has used up its requests for today."
	case 1042:
		p = Page{Status: 508, Code: code, Title: "Worker tried to fetch itself"}
		general = "A worker tried to fetch from another worker on the same zone."
	case 1101:
		p = Page{Status: 500, Code: code, Title: "Worker threw exception"}
		general = "The worker failed while it handled the request."
	case 1102:
		p = Page{Status: 503, Code: code, Title: "Worker exceeded resource limits"}
		general = "The worker used more CPU time or memory than it is allowed."
	case 1103:
		p = Page{Status: 403, Code: code, Title: "Account blocked"}
		general = "The account that owns this worker may not serve requests."
	case 1104:
		p = Page{Status: 404, Code: code, Title: "Script not found"}
		general = "There is no worker to answer this request."
	case 404:
		general = "Nothing is served here."
	case 500:
		general = "The server failed to answer the request."
	case 503:
		general = "The server cannot answer now; try again."
	}
	if p.Title == "" {
		p.Title = "Error"
	}
	if p.Detail = detail; detail == "" {
		p.Detail = general
	}
	return p
}

// UnknownHost is the page for a request that no route matches; it says what was
// looked for.
func (x *Exchange) UnknownHost() Page {
	return PageFor(404, "No worker is routed at "+x.Host()+withoutQuery(x.Target())+".")
}

func withoutQuery(target string) string {
	path, _, _ := strings.Cut(target, "?")
	if len(path) > 200 {
		path = path[:200] + "..."
	}
	return path
}

// RespondPage answers with a page: JSON in the shape of RFC 9457 if the client
// asks for JSON, HTML if it asks for that, else plain text, each with the request id.
// A page for a failure of the server's or the worker's gives way to one that says what
// was wrong with the request's body, if that was what they failed at.
func (x *Exchange) RespondPage(p Page) error {
	if x.responded {
		return ErrResponded
	}
	if p.Status >= 500 && x.stream != nil {
		switch x.stream.fault() {
		case 400:
			p = PageFor(400, "The chunked coding of the request body is malformed.")
		case 408:
			p = PageFor(408, "The request body did not arrive in time.")
		case 413:
			p = PageFor(413, bodyLimitText(x.c.srv.cfg.MaxBody))
		}
	}
	accept, _ := x.head.get("accept")
	var ct string
	var body []byte
	switch asks(accept) {
	case "json":
		ct, body = "application/problem+json", p.json(x.RequestID())
	case "html":
		ct, body = "text/html; charset=utf-8", p.html(x.RequestID())
	default:
		ct, body = "text/plain; charset=utf-8", p.text(x.RequestID())
	}
	return x.write(&outside.Response{
		Status:       p.Status,
		Body:         outside.Body{Bytes: body},
		Header:       p.Header,
		KeepEncoding: true,
	}, "content-type: "+ct+"\r\ncache-control: no-store\r\n")
}

// asks tells which of JSON and HTML an accept header prefers, "" for neither.
func asks(accept string) string {
	for item := range strings.SplitSeq(accept, ",") {
		t, _, _ := strings.Cut(item, ";")
		switch t = strings.ToLower(trim(t)); {
		case t == "text/html", t == "application/xhtml+xml":
			return "html"
		case t == "application/json", t == "text/json", strings.HasSuffix(t, "+json"):
			return "json"
		}
	}
	return ""
}

func (p Page) heading() string {
	if p.Code != 0 {
		return "Error " + strconv.Itoa(p.Code) + ": " + p.Title
	}
	return strconv.Itoa(p.Status) + " " + p.Title
}

func (p Page) text(ray string) []byte {
	return []byte(p.heading() + "\n\n" + p.Detail + "\n\nRequest ID: " + ray + "\n")
}

func (p Page) html(ray string) []byte {
	title := html.EscapeString(p.heading())
	return []byte("<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>" + title +
		"</title>\n<style>body{font:16px/1.5 system-ui,sans-serif;max-width:40em;margin:4em auto;padding:0 1em}small{color:#666}</style>\n<h1>" + title +
		"</h1>\n<p>" + html.EscapeString(p.Detail) + "</p>\n<p><small>Request ID: " + ray + "</small></p>\n</html>\n")
}

func (p Page) json(ray string) []byte {
	b, _ := json.Marshal(struct { // plain strings and numbers always marshal
		Title  string `json:"title"`
		Status int    `json:"status"`
		Detail string `json:"detail"`
		Code   int    `json:"error_code,omitempty"`
		Ray    string `json:"ray_id"`
	}{p.Title, p.Status, p.Detail, p.Code, ray})
	return append(b, '\n')
}

// refuse answers a request that never becomes one of a worker's; the connection
// ends, since where the next request begins may be unknown.
func (x *Exchange) refuse(r *refusal) {
	x.c.srv.rays.next(&x.ray)
	x.rayText = ""
	x.closing = true
	x.c.unread = true
	x.head.http11 = true
	_ = x.RespondPage(PageFor(r.status, r.detail))
}
