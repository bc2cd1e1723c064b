package worker

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/mayfly-edge/mayfly/isolate/outside"
)

// functionURLEvent is a request as a Lambda function behind a function URL gets it,
// payload format version 2.0.
// https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-request-payload
type functionURLEvent struct {
	Version         string             `json:"version"`
	RouteKey        string             `json:"routeKey"`
	RawPath         string             `json:"rawPath"`
	RawQueryString  string             `json:"rawQueryString"`
	Cookies         []string           `json:"cookies,omitempty"`
	Headers         map[string]string  `json:"headers"`
	Query           map[string]string  `json:"queryStringParameters,omitempty"`
	RequestContext  functionURLContext `json:"requestContext"`
	Body            *string            `json:"body,omitempty"`
	IsBase64Encoded bool               `json:"isBase64Encoded"`
}

type functionURLContext struct {
	AccountID    string          `json:"accountId"`
	APIID        string          `json:"apiId"`
	DomainName   string          `json:"domainName"`
	DomainPrefix string          `json:"domainPrefix"`
	HTTP         functionURLHTTP `json:"http"`
	RequestID    string          `json:"requestId"`
	RouteKey     string          `json:"routeKey"`
	Stage        string          `json:"stage"`
	Time         string          `json:"time"`
	TimeEpoch    int64           `json:"timeEpoch"`
}

type functionURLHTTP struct {
	Method    string `json:"method"`
	Path      string `json:"path"`
	Protocol  string `json:"protocol"`
	SourceIP  string `json:"sourceIp"`
	UserAgent string `json:"userAgent"`
}

// newFunctionURLEvent returns the JSON text of the event for a request with that body.
func newFunctionURLEvent(req *outside.Request, body []byte, account, script, id string, at time.Time) ([]byte, error) {
	target := req.URL
	if _, rest, ok := strings.Cut(target, "://"); ok {
		target = rest
	}
	host, path := target, "/"
	if i := strings.IndexAny(target, "/?"); i >= 0 {
		host, path = target[:i], target[i:]
	}
	path, query, _ := strings.Cut(path, "?")
	if path == "" {
		path = "/"
	}
	if i := strings.LastIndexByte(host, ':'); i > strings.LastIndexByte(host, ']') {
		host = host[:i]
	}
	prefix, _, _ := strings.Cut(host, ".")
	e := functionURLEvent{
		Version: "2.0", RouteKey: "$default", RawPath: path, RawQueryString: query,
		Headers: make(map[string]string, len(req.Header)), Query: joinedQuery(query),
		RequestContext: functionURLContext{
			AccountID: account, APIID: script, DomainName: host, DomainPrefix: prefix,
			HTTP:      functionURLHTTP{Method: req.Method, Path: path, Protocol: "HTTP/1.1"},
			RequestID: id, RouteKey: "$default", Stage: "$default",
			Time: at.UTC().Format("02/Jan/2006:15:04:05 -0700"), TimeEpoch: at.UnixMilli(),
		},
	}
	for _, f := range req.Header {
		value := headerText(f.Value)
		if f.Name == "cookie" {
			for c := range strings.SplitSeq(value, ";") {
				if c = strings.TrimSpace(c); c != "" {
					e.Cookies = append(e.Cookies, c)
				}
			}
			continue
		}
		if before, ok := e.Headers[f.Name]; ok {
			value = before + "," + value
		}
		e.Headers[f.Name] = value
	}
	e.RequestContext.HTTP.SourceIP = e.Headers["cf-connecting-ip"]
	e.RequestContext.HTTP.UserAgent = e.Headers["user-agent"]
	if len(body) > 0 {
		text := ""
		if isText(e.Headers["content-type"]) && utf8.Valid(body) {
			text = string(body)
		} else {
			text, e.IsBase64Encoded = base64.StdEncoding.EncodeToString(body), true
		}
		e.Body = &text
	}
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	err := enc.Encode(e)
	return buf.Bytes(), err
}

// joinedQuery decodes a query; the values of one name are joined by commas. What is
// not properly encoded is left as it is.
func joinedQuery(query string) map[string]string {
	if query == "" {
		return nil
	}
	m := map[string]string{}
	for pair := range strings.SplitSeq(query, "&") {
		if pair == "" {
			continue
		}
		name, value, _ := strings.Cut(pair, "=")
		name, value = unescaped(name), unescaped(value)
		if before, ok := m[name]; ok {
			value = before + "," + value
		}
		m[name] = value
	}
	return m
}

func unescaped(s string) string {
	if t, err := url.QueryUnescape(s); err == nil {
		return strings.ToValidUTF8(t, "\uFFFD")
	}
	return s
}

// headerText is a header value as characters: UTF-8 where it is that, else Latin-1.
func headerText(v string) string {
	if utf8.ValidString(v) {
		return v
	}
	runes := make([]rune, len(v))
	for i := range len(v) {
		runes[i] = rune(v[i])
	}
	return string(runes)
}

// isText tells the bodies that an event holds as they are from those in base64.
func isText(contentType string) bool {
	media, _, _ := strings.Cut(contentType, ";")
	media = strings.ToLower(strings.TrimSpace(media))
	switch media {
	case "application/json", "application/javascript", "application/xml":
		return true
	}
	return strings.HasPrefix(media, "text/") || strings.HasSuffix(media, "+json") || strings.HasSuffix(media, "+xml")
}

// A BadAnswer says what is wrong with a Lambda handler's answer to an HTTP request.
type BadAnswer struct{ Message string }

func (e *BadAnswer) Error() string { return e.Message }

func badAnswer(format string, args ...any) error {
	return &BadAnswer{"The Lambda handler's response is malformed: " + fmt.Sprintf(format, args...)}
}

// functionURLResponse reads the JSON text of a handler's answer as a response: an object
// with a statusCode describes one; anything else is the body of a 200. The error is a
// *BadAnswer. https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-response-payload
func functionURLResponse(text []byte) (*outside.Response, error) {
	var fields map[string]json.RawMessage
	if text[0] == '{' {
		if err := json.Unmarshal(text, &fields); err != nil {
			return nil, badAnswer("%v", err)
		}
	}
	if _, described := fields["statusCode"]; !described {
		body := text
		if text[0] == '"' {
			var s string
			if err := json.Unmarshal(text, &s); err != nil {
				return nil, badAnswer("%v", err)
			}
			body = []byte(s)
		}
		return &outside.Response{
			Status: 200, Header: []outside.Field{{Name: "content-type", Value: "application/json"}}, Body: outside.Body{Bytes: body},
		}, nil
	}
	var in struct {
		StatusCode      json.RawMessage            `json:"statusCode"`
		Headers         map[string]json.RawMessage `json:"headers"`
		Cookies         []string                   `json:"cookies"`
		Body            *string                    `json:"body"`
		IsBase64Encoded bool                       `json:"isBase64Encoded"`
	}
	if err := json.Unmarshal(text, &in); err != nil {
		var wrong *json.UnmarshalTypeError
		if errors.As(err, &wrong) {
			return nil, badAnswer("%q cannot be a %s", wrong.Field, wrong.Value)
		}
		return nil, badAnswer("%v", err)
	}
	status, err := strconv.Atoi(strings.Trim(string(in.StatusCode), `"`))
	if err != nil || status < 200 || status > 599 {
		return nil, badAnswer("statusCode is %s, it must be from 200 to 599", in.StatusCode)
	}
	res := &outside.Response{Status: status}
	typed := false
	for name, raw := range in.Headers {
		value, err := scalar(raw)
		if err != nil {
			return nil, badAnswer("the header %q must be a string, a number or a boolean", name)
		}
		name = strings.ToLower(name)
		if !isToken(name) || strings.ContainsAny(value, "\r\n\x00") {
			return nil, badAnswer("%q: %q is not a header", name, value)
		}
		typed = typed || name == "content-type"
		switch name {
		case "content-length", "transfer-encoding", "connection", "keep-alive", "trailer", "upgrade":
			continue // the server's own affair
		case "content-encoding":
			res.KeepEncoding = true // the body is what the function made of it
		}
		res.Header = append(res.Header, outside.Field{Name: name, Value: strings.Trim(value, " \t")})
	}
	for _, c := range in.Cookies {
		if strings.ContainsAny(c, "\r\n\x00") {
			return nil, badAnswer("%q is not a cookie", c)
		}
		res.Header = append(res.Header, outside.Field{Name: "set-cookie", Value: c})
	}
	sortFields(res.Header)
	if !typed {
		res.Header = append(res.Header, outside.Field{Name: "content-type", Value: "application/json"})
	}
	if in.Body == nil || status == 204 || status == 304 {
		return res, nil
	}
	res.Body.Bytes = []byte(*in.Body)
	if in.IsBase64Encoded {
		if res.Body.Bytes, err = base64.StdEncoding.DecodeString(*in.Body); err != nil {
			return nil, badAnswer("body is not base64: %v", err)
		}
	}
	return res, nil
}

// sortFields gives headers that came as an object a stable order; cookies keep theirs.
func sortFields(list []outside.Field) {
	for i := 1; i < len(list); i++ {
		for j := i; j > 0 && list[j].Name < list[j-1].Name; j-- {
			list[j], list[j-1] = list[j-1], list[j]
		}
	}
}

// scalar is a header value given as a string, a number or a boolean.
func scalar(raw json.RawMessage) (string, error) {
	if raw[0] == '"' {
		var s string
		err := json.Unmarshal(raw, &s)
		return s, err
	}
	if raw[0] == '{' || raw[0] == '[' || raw[0] == 'n' {
		return "", errors.New("not a scalar")
	}
	return string(raw), nil
}

// isToken reports whether name can be a header's name: https://www.rfc-editor.org/rfc/rfc9110#section-5.6.2
func isToken(name string) bool {
	for i := range len(name) {
		c := name[i]
		if c <= ' ' || c >= 0x7f || strings.IndexByte(`"(),/:;<=>?@[\]{}`, c) >= 0 {
			return false
		}
	}
	return name != ""
}

// errorAnswer is what a function URL answers when the function failed.
func errorAnswer() *outside.Response {
	return &outside.Response{
		Status: 502, StatusText: "Bad Gateway",
		Header: []outside.Field{{Name: "content-type", Value: "application/json"}},
		Body:   outside.Body{Bytes: []byte(`{"message":"Internal Server Error"}`)},
	}
}
