package conformance

import (
	"embed"
	"fmt"
	"io/fs"
	"net/textproto"
	"path"
	"strconv"
	"strings"

	"github.com/mayfly-edge/mayfly/conformance/wpt"
)

//go:embed cases/*.js
var caseFiles embed.FS

//go:embed expectations/*.txt
var expectationFiles embed.FS

// A Case is a worker and what it must answer.
type Case struct {
	Name string // of its file, without .js
	Code string
	// Classic is set for a service-worker script.
	Classic bool
	// Known is why the case fails, if it is known to: what a comment "Known failure:"
	// at its head says. It is an error then if it does not fail.
	Known string
	// Differs is why workerd answers otherwise, if it does: what a comment "Differs from
	// workerd:" says.
	Differs string
	// Flags are the compatibility flags of a comment "Flags:".
	Flags     []string
	Exchanges []Exchange
}

// An Exchange is a request and the answer to it.
type Exchange struct {
	Line           int // of the file
	Method, Target string
	Header         textproto.MIMEHeader
	Body           string

	Status     int
	WantHeader textproto.MIMEHeader // others may be there too; "-" means that there is none
	WantBody   string               // "*" allows any
}

// Cases returns the cases that come with Mayfly.
func Cases() ([]Case, error) {
	names, err := fs.Glob(caseFiles, "cases/*.js")
	if err != nil {
		return nil, err
	}
	var list []Case
	for _, name := range names {
		b, err := fs.ReadFile(caseFiles, name)
		if err != nil {
			return nil, err
		}
		c, err := parseCase(strings.TrimSuffix(path.Base(name), ".js"), string(b))
		if err != nil {
			return nil, err
		}
		list = append(list, c)
	}
	return list, nil
}

// Expectations returns the failures of web-platform-tests that are known.
func Expectations() (wpt.Expectations, error) {
	dir, err := fs.Sub(expectationFiles, "expectations")
	if err != nil {
		return nil, err
	}
	return wpt.ReadExpectations(dir)
}

// parseCase reads a script that ends in a comment with its exchanges:
//
//	/*
//	POST /path
//	request-header: value
//
//	request body
//	--- 200
//	response-header: value
//
//	response body
//	=== GET /next
//	...
//	*/
func parseCase(name, text string) (Case, error) {
	c := Case{Name: name}
	code, rest, ok := strings.Cut(text, "\n/*\n")
	comment, after, closed := strings.Cut(rest, "\n*/")
	if !ok || !closed || strings.TrimSpace(after) != "" {
		return c, fmt.Errorf("%s: a case ends in one comment with its exchanges", name)
	}
	c.Code = code + "\n"
	c.Classic = !strings.Contains(code, "export ")
	for comment := range strings.Lines(code) {
		if why, ok := strings.CutPrefix(comment, "// Known failure: "); ok {
			c.Known = strings.TrimSpace(why)
		}
		if why, ok := strings.CutPrefix(comment, "// Differs from workerd: "); ok {
			c.Differs = strings.TrimSpace(why)
		}
		if flags, ok := strings.CutPrefix(comment, "// Flags: "); ok {
			c.Flags = strings.Fields(flags)
		}
	}
	line := strings.Count(code, "\n") + 3
	for block := range strings.SplitSeq(comment, "\n=== ") {
		e, err := parseExchange(block)
		if err != nil {
			return c, fmt.Errorf("%s:%d: %w", name, line, err)
		}
		e.Line = line
		c.Exchanges = append(c.Exchanges, e)
		line += strings.Count(block, "\n") + 1
	}
	return c, nil
}

func parseExchange(block string) (e Exchange, err error) {
	request, answer, ok := strings.Cut(block, "\n--- ")
	if !ok {
		return e, fmt.Errorf("no line with --- and the status of the answer")
	}
	first, header, body, err := parseMessage(request)
	if err != nil {
		return e, err
	}
	if e.Method, e.Target, ok = strings.Cut(first, " "); !ok || !strings.HasPrefix(e.Target, "/") {
		return e, fmt.Errorf("want a method and a path, got %q", first)
	}
	e.Header, e.Body = header, body
	if first, e.WantHeader, e.WantBody, err = parseMessage(answer); err != nil {
		return e, err
	}
	if e.Status, err = strconv.Atoi(first); err != nil {
		return e, fmt.Errorf("want a status, got %q", first)
	}
	return e, nil
}

// parseMessage takes apart a first line, header lines and a body after an empty line.
func parseMessage(text string) (first string, header textproto.MIMEHeader, body string, err error) {
	head, body, _ := strings.Cut(text, "\n\n")
	first, fields, _ := strings.Cut(head, "\n")
	header = textproto.MIMEHeader{}
	for f := range strings.SplitSeq(fields, "\n") {
		if f == "" {
			continue
		}
		name, value, ok := strings.Cut(f, ":")
		if !ok {
			return "", nil, "", fmt.Errorf("no header line: %q", f)
		}
		header.Add(name, strings.TrimSpace(value))
	}
	return first, header, body, nil
}
