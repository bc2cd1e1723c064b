package ingress

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/mayfly-edge/mayfly/isolate/outside"
)

var update = flag.Bool("update", false, "rewrite the expected output in testdata")

// TestRaw sends the requests of testdata/raw.txt byte by byte as they stand and
// compares everything that comes back.
//
// A case is "=== name", the request lines, "---" and the response. Each line of
// the request is sent with CR LF; \r, \n, \0 and \xNN are escapes, and a line that
// ends in \c is sent without CR LF. {a*N} repeats.
func TestRaw(t *testing.T) {
	const file = "testdata/raw.txt"
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	_, addr := serve(t, Config{MaxURL: 200, MaxHeader: 2000, MaxBody: 100, BufferBody: 20,
		TrustedProxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}}, rawHandler(t))
	_, trusting := serve(t, Config{Compress: true, TrustedProxies: []netip.Prefix{
		netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("10.0.0.0/8")}}, rawHandler(t))
	head, rest, _ := strings.Cut(string(text), "=== ")
	var out strings.Builder
	out.WriteString(head)
	for c := range strings.SplitSeq(rest, "=== ") {
		name, c, _ := strings.Cut(c, "\n")
		request, want, ok := strings.Cut(c, "---\n")
		if !ok {
			t.Fatalf("%s: no --- line", name)
		}
		to := addr
		if strings.HasPrefix(name, "proxied: ") {
			to = trusting
		}
		got := rawExchange(t, to, request)
		fmt.Fprintf(&out, "=== %s\n%s---\n%s\n", name, request, got)
		if strings.TrimRight(got, "\n") != strings.TrimRight(want, "\n") && !*update {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got, want)
		}
	}
	if *update {
		if err := os.WriteFile(file, []byte(out.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

var (
	datePattern = regexp.MustCompile(`date: \w{3}, \d{2} \w{3} \d{4} [\d:]{8} GMT`)
	rayPattern  = regexp.MustCompile(`[0-9a-f]{16}-MAY`)
	repeat      = regexp.MustCompile(`\{(.+)\*(\d+)\}`)
	hexEscape   = regexp.MustCompile(`\\x([0-9a-f]{2})`)
)

func rawExchange(t *testing.T, addr, request string) string {
	t.Helper()
	var in strings.Builder
	for line := range strings.SplitSeq(strings.TrimSuffix(request, "\n"), "\n") {
		line = repeat.ReplaceAllStringFunc(line, func(s string) string {
			m := repeat.FindStringSubmatch(s)
			var n int
			fmt.Sscan(m[2], &n)
			return strings.Repeat(m[1], n)
		})
		line, open := strings.CutSuffix(line, `\c`)
		line = strings.NewReplacer(`\r`, "\r", `\n`, "\n", `\0`, "\x00").Replace(line)
		line = hexEscape.ReplaceAllStringFunc(line, func(s string) string {
			var b byte
			fmt.Sscanf(s, `\x%02x`, &b)
			return string([]byte{b})
		})
		in.WriteString(line)
		if !open {
			in.WriteString("\r\n")
		}
	}
	nc := dial(t, addr)
	go func() {
		_, _ = io.WriteString(nc, in.String()) // a refused request may not be read to its end
		_ = nc.(*net.TCPConn).CloseWrite()
	}()
	got, err := io.ReadAll(nc)
	if err != nil {
		got = fmt.Appendf(got, "\n(%v)", errors.Unwrap(err).(*os.SyscallError).Err)
	}
	got = datePattern.ReplaceAll(got, []byte("date: DATE"))
	got = rayPattern.ReplaceAll(got, []byte("RAY"))
	got = bytes.ReplaceAll(got, []byte("\r\n"), []byte("\n"))
	return strings.TrimRight(string(bytes.ReplaceAll(got, []byte("\x00"), []byte(`\0`))), "\n") + "\n"
}

type slowPieces struct{ pieces []string }

func (s *slowPieces) Read(p []byte) (int, error) {
	if len(s.pieces) == 0 {
		return 0, io.EOF
	}
	n := copy(p, s.pieces[0])
	s.pieces = s.pieces[1:]
	return n, nil
}

func (s *slowPieces) Close() error { return nil }

type failing struct{ io.Reader }

func (failing) Close() error { return nil }

func text(s string) outside.Body { return outside.Body{Bytes: []byte(s)} }

func field(kv ...string) (f []outside.Field) {
	for i := 0; i < len(kv); i += 2 {
		f = append(f, outside.Field{Name: kv[i], Value: kv[i+1]})
	}
	return f
}

// rawHandler answers by path.
func rawHandler(t *testing.T) HandlerFunc {
	return func(x *Exchange) {
		path, _, _ := strings.Cut(x.Target(), "?")
		res := &outside.Response{Status: 200}
		switch path {
		case "/hello":
			res.Body = text("hello\n")
		case "/dump":
			req := x.Request()
			var b strings.Builder
			fmt.Fprintf(&b, "%s %s\nhops %d client %s\n", req.Method, req.URL, x.Hops(), x.Client())
			for _, f := range req.Header {
				fmt.Fprintf(&b, "%s: %s\n", f.Name, f.Value)
			}
			if !req.Body.None() {
				p := req.Body.Bytes
				if req.Body.Stream != nil {
					var err error
					if p, err = io.ReadAll(req.Body.Stream); err != nil {
						fmt.Fprintf(&b, "error: %v\n", err)
					}
				}
				fmt.Fprintf(&b, "body %d: %q\n", req.Body.Len(), p)
			}
			res.Body = text(b.String())
		case "/echo":
			res.Body = x.Request().Body
		case "/stream":
			res.Body = outside.Body{Stream: &slowPieces{[]string{"one\n", "two\n"}}, Length: -1}
		case "/sized":
			res.Body = outside.Body{Stream: &slowPieces{[]string{"one\n", "two\n"}}, Length: 8}
		case "/short":
			res.Body = outside.Body{Stream: &slowPieces{[]string{"one\n"}}, Length: 8}
		case "/fails":
			res.Body = outside.Body{Stream: failing{io.MultiReader(strings.NewReader("one\n"), failingReader{})}, Length: -1}
		case "/cookies":
			res.Header = field("set-cookie", "a=1", "x-y", "z", "set-cookie", "b=2; Secure")
		case "/own":
			res.Header = field("connection", "x-secret", "content-length", "5", "transfer-encoding", "chunked",
				"date", "Thu, 01 Jan 1970 00:00:00 GMT", "keep-alive", "1", "upgrade", "h2c", "server", "mine")
		case "/inject":
			res.Header = field("x-a", "b\r\nx-c: d")
		case "/name":
			res.Header = field("x a", "b")
		case "/text":
			res.StatusText = "OK\r\nx: y"
		case "/204", "/304":
			fmt.Sscan(path[1:], &res.Status)
			res.Header = field("content-length", "6", "etag", `"e"`)
			res.Body = text("hello\n")
		case "/205":
			res.Status = 205
		case "/999":
			res.Status = 999
			res.StatusText = "Odd"
		case "/42":
			res.Status = 42
		case "/101":
			res.Status = 101
		case "/encoded":
			res.Header = field("content-encoding", "gzip")
			res.Body = text("hello\n")
		case "/kept":
			res.Header = field("content-encoding", "gzip")
			res.Body = text("not really gzip\n")
			res.KeepEncoding = true
		case "/panic":
			panic("told to")
		case "/nothing":
			return
		case "/1101":
			_ = x.RespondPage(PageFor(1101, ""))
			return
		case "/1102":
			_ = x.RespondPage(PageFor(1102, "CPU <limit>"))
			return
		default:
			_ = x.RespondPage(x.UnknownHost())
			return
		}
		_ = x.Respond(res)
	}
}

type failingReader struct{}

func (failingReader) Read([]byte) (int, error) { return 0, errors.New("told to fail") }
