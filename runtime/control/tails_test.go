package control

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// A viewer is the client's end of a tail session.
type viewer struct {
	t    *testing.T
	conn net.Conn
	r    *bufio.Reader
}

// watch connects to the address that a session was opened with.
func (r *rig) watch(address string) (*viewer, *http.Response) {
	r.t.Helper()
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "ws" {
		r.t.Fatalf("address %q: %v", address, err)
	}
	conn, err := r.dial()
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { conn.Close() })
	v := &viewer{r.t, conn, bufio.NewReader(conn)}
	fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: %s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: trace-v1\r\nSec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n\r\n", u.Path, u.Host)
	res, err := http.ReadResponse(v.r, nil)
	if err != nil {
		r.t.Fatal(err)
	}
	return v, res
}

func (v *viewer) send(bytesInHex string) {
	v.t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(bytesInHex, " ", ""))
	if err == nil {
		_, err = v.conn.Write(b)
	}
	if err != nil {
		v.t.Fatal(err)
	}
}

func (v *viewer) next() frame {
	v.t.Helper()
	f, err := readFrame(v.r)
	if err != nil {
		v.t.Fatal(err)
	}
	return f
}

func (r *rig) openTail() *answer {
	r.t.Helper()
	header := http.Header{"Content-Type": {"text/plain;charset=UTF-8"}}
	return r.must(r.do("POST", "/accounts/default/workers/scripts/known/tails", header, strings.NewReader(`{"filters":[{"outcome":["ok"]}]}`)))
}

// unmaskedHello is {"debug":false} in a frame without mask, as wrangler sends it.
var unmaskedHello = "81 0f" + hex.EncodeToString([]byte(`{"debug":false}`))

func TestTail(t *testing.T) {
	r := newRig(t)
	session := r.openTail()
	v, res := r.watch(session.object("url"))
	if res.StatusCode != 101 || res.Header.Get("Sec-WebSocket-Accept") != "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" ||
		res.Header.Get("Sec-WebSocket-Protocol") != "trace-v1" || res.Header.Get("Sec-WebSocket-Extensions") != "" {
		t.Fatalf("the handshake answers %d %v", res.StatusCode, res.Header)
	}
	if q := <-r.tails.query; q.Account != r.account || q.Script != "known" || string(q.Filters) != `[{"outcome":["ok"]}]` {
		t.Errorf("watched is %+v", q)
	}
	v.send(unmaskedHello)
	r.tails.items <- `{"outcome":"ok"}`
	if f := v.next(); f.op != opText || string(f.payload) != `{"outcome":"ok"}` {
		t.Errorf("frame is %+v", f)
	}
	// A masked ping is answered with its own payload.
	v.send("89 84 01020304 71 6b 6d 63")
	if f := v.next(); f.op != opPong || string(f.payload) != "ping" {
		t.Errorf("frame is %+v %q", f, f.payload)
	}
	long := strings.Repeat("x", 70000)
	r.tails.items <- long
	head := make([]byte, 10)
	if _, err := io.ReadFull(v.r, head); err != nil || hex.EncodeToString(head) != "817f0000000000011170" {
		t.Fatalf("the head of a long frame is %x, %v", head, err)
	}
	if _, err := io.CopyN(io.Discard, v.r, int64(len(long))); err != nil {
		t.Fatal(err)
	}
	// Nobody else can watch, and the address is of no use afterwards.
	if _, res := r.watch(session.object("url")); res.StatusCode != 404 {
		t.Errorf("a second viewer is answered %d", res.StatusCode)
	}
	v.send("88 82 00000000 03e8")
	if f := v.next(); f.op != opClose {
		t.Errorf("frame is %+v", f)
	}
	if _, err := v.r.ReadByte(); err != io.EOF {
		t.Errorf("after the close comes %v", err)
	}
	if _, res := r.watch(session.object("url")); res.StatusCode != 404 {
		t.Errorf("a viewer of a session that is over is answered %d", res.StatusCode)
	}
}

func TestTailEnds(t *testing.T) {
	r := newRig(t)
	closed := func(v *viewer, code string) {
		t.Helper()
		if f := v.next(); f.op != opClose || hex.EncodeToString(f.payload[:2]) != code {
			t.Errorf("frame is %+v", f)
		}
	}
	session := r.openTail()
	v, _ := r.watch(session.object("url"))
	<-r.tails.query
	r.must(r.do("DELETE", "/accounts/default/workers/scripts/known/tails/"+session.object("id"), nil, nil))
	closed(v, "03e8")
	v, _ = r.watch(r.openTail().object("url"))
	<-r.tails.query
	close(r.tails.items)
	closed(v, "03e8")
	r.tails.items = make(chan string)
	v, _ = r.watch(r.openTail().object("url"))
	<-r.tails.query
	r.c.cancel()
	closed(v, "03e8")
}

func TestTailRefusals(t *testing.T) {
	r := newRig(t)
	path := "/accounts/default/workers/scripts/known/tails"
	r.json("POST", path, `{"filters":{}}`).refused(400, codeBadBody)
	r.json("POST", path, `{"filters":["nonsense"]}`).refused(400, codeBadBody)
	r.do("GET", "/tail/0", nil, nil).refused(426, codeBadBody)
	now := time.Now()
	r.c.tails.now = func() time.Time { return now }
	session := r.openTail()
	now = now.Add(tailLifetime + time.Minute)
	if _, res := r.watch(session.object("url")); res.StatusCode != 404 {
		t.Errorf("an expired session is answered %d", res.StatusCode)
	}
}

func FuzzReadFrame(f *testing.F) {
	for _, s := range []string{"810f", "89840102030471", "8800", "817e0004", "817f00000000000000", "f100"} {
		b, _ := hex.DecodeString(s)
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := readFrame(bufio.NewReader(bytes.NewReader(data)))
		if err == nil && len(got.payload) > maxFrame {
			t.Errorf("a frame of %d bytes was taken", len(got.payload))
		}
	})
}
