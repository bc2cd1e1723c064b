package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/mayfly-edge/mayfly/conformance/process"
	"github.com/mayfly-edge/mayfly/conformance/remote"
)

// A writer changes one thing of a server, from one number to the next. It is used by one
// goroutine at a time, but for acked.
type writer struct {
	name string
	// write makes the thing say seq.
	write func(ctx context.Context, m *process.Mayfly, seq uint64) error
	// read is what the thing says, 0 if it is absent; it is an error if it is there by half.
	read func(ctx context.Context, m *process.Mayfly) (uint64, error)
	// deletes makes write remove the thing at every seventh number.
	deletes bool

	begun  uint64
	acked  atomic.Uint64
	writes int
}

// absent reports whether the thing is removed at seq.
func (w *writer) absent(seq uint64) bool { return seq == 0 || w.deletes && seq%7 == 0 }

func (w *writer) next(ctx context.Context, m *process.Mayfly) error {
	w.begun++
	if err := w.write(ctx, m, w.begun); err != nil {
		return err
	}
	w.acked.Store(w.begun)
	w.writes++
	return nil
}

// check takes what was acknowledged or what was begun after it, and nothing else.
func (w *writer) check(ctx context.Context, m *process.Mayfly) error {
	have, err := w.read(ctx, m)
	if err != nil {
		return err
	}
	for seq := w.acked.Load(); seq <= w.begun; seq++ {
		if have == seq || have == 0 && w.absent(seq) {
			w.acked.Store(seq)
			w.begun = seq
			return nil
		}
	}
	return fmt.Errorf("it says %d; %d was acknowledged and %d begun", have, w.acked.Load(), w.begun)
}

// value is text that no other can pass for, of a length that differs.
func value(seq uint64) []byte {
	rnd := rand.New(rand.NewPCG(seq, 1))
	b := make([]byte, []int{10, 500, 5_000, 60_000}[rnd.IntN(4)])
	for i := range b {
		b[i] = byte(rnd.Uint32())
	}
	text := fmt.Sprintf("%d %s", seq, base64.StdEncoding.EncodeToString(b))
	return fmt.Appendf(nil, "%s %08x", text, crc32.ChecksumIEEE([]byte(text)))
}

// parse is the number in a value.
func parse(text []byte) (seq uint64, err error) {
	end := bytes.LastIndexByte(text, ' ')
	if end < 0 || fmt.Sprintf("%08x", crc32.ChecksumIEEE(text[:end])) != string(text[end+1:]) {
		return 0, fmt.Errorf("half a value: %d bytes, %.40q", len(text), text)
	}
	_, err = fmt.Sscan(string(text), &seq)
	return seq, err
}

// The workers through which things are written and read. What an upload changes is
// twice in it, so that half an upload would show.
const (
	storeCode = `export default { async fetch(request, env) {
	const key = new URL(request.url).pathname;
	if (request.method == "PUT") await env.KV.put(key, request.body);
	return new Response(await env.KV.get(key, { cacheTtl: 30 }) ?? "", { headers: { "x-found": "yes" } });
} }`
	sayCode   = `export default { fetch(request, env) { return new Response(env.SEQ == "%[1]d" ? "%[1]d" : "half: %[1]d and " + env.SEQ) } }`
	vaultCode = `export default { fetch(request, env) { return new Response(env.SECRET ?? "0") } }`
	countCode = `export default { fetch() { return new Response("counted") } }`
)

func newWriters(ctx context.Context, m *process.Mayfly, use *usage) ([]*writer, error) {
	id, err := m.API.CreateNamespace(ctx, "crash")
	if err != nil {
		return nil, err
	}
	for _, w := range []remote.Worker{
		{Name: "store", Code: storeCode, KV: map[string]string{"KV": id}},
		{Name: "vault", Code: vaultCode}, {Name: "counted", Code: countCode},
	} {
		if err := m.API.Deploy(ctx, w); err != nil {
			return nil, err
		}
	}
	var all []*writer
	for i := range 4 {
		all = append(all, apiWriter(id, fmt.Sprintf("by the API %d", i)), workerWriter(fmt.Sprintf("/%d", i)))
	}
	for i := range 2 {
		all = append(all, uploadWriter(fmt.Sprintf("upload-%d", i)))
	}
	versions, err := versionWriter(ctx, m, "versions")
	if err != nil {
		return nil, err
	}
	return append(all, versions, secretWriter()), nil
}

// apiWriter puts and deletes a key through the control plane.
func apiWriter(namespace, key string) *writer {
	path := "/storage/kv/namespaces/" + namespace + "/values/" + strings.ReplaceAll(key, " ", "%20")
	return &writer{
		name: "KV " + key, deletes: true,
		write: func(ctx context.Context, m *process.Mayfly, seq uint64) error {
			if seq%7 == 0 {
				return m.API.Call(ctx, "DELETE", path, "", nil, nil)
			}
			return m.API.Call(ctx, "PUT", path, "application/octet-stream", value(seq), nil)
		},
		read: func(ctx context.Context, m *process.Mayfly) (uint64, error) {
			body, err := m.API.Open(ctx, path)
			var r *remote.Refusal
			if errors.As(err, &r) && r.Status == http.StatusNotFound {
				return 0, nil
			}
			if err != nil {
				return 0, err
			}
			defer body.Close()
			text, err := io.ReadAll(body)
			if err != nil {
				return 0, err
			}
			return parse(text)
		},
	}
}

// workerWriter puts a key through a worker.
func workerWriter(path string) *writer {
	return &writer{
		name: "KV by a worker " + path,
		write: func(ctx context.Context, m *process.Mayfly, seq uint64) error {
			text, err := ask(ctx, m, "PUT", "store", path, value(seq))
			if err == nil && !bytes.Equal(text, value(seq)) {
				err = fmt.Errorf("wrote %d and read %.30q", seq, text)
			}
			return err
		},
		read: func(ctx context.Context, m *process.Mayfly) (uint64, error) {
			text, err := ask(ctx, m, "GET", "store", path, nil)
			if err != nil || len(text) == 0 {
				return 0, err
			}
			return parse(text)
		},
	}
}

// said is what the worker of a name answers.
func said(name string) func(context.Context, *process.Mayfly) (uint64, error) {
	return func(ctx context.Context, m *process.Mayfly) (seq uint64, err error) {
		text, err := ask(ctx, m, "GET", name, "/", nil)
		if err != nil {
			return 0, err
		}
		if _, err := fmt.Sscan(string(text), &seq); err != nil {
			return 0, fmt.Errorf("answers %.100q", text)
		}
		return seq, nil
	}
}

func sayer(name string, seq uint64) remote.Worker {
	return remote.Worker{Name: name, Code: fmt.Sprintf(sayCode, seq), Vars: map[string]string{"SEQ": fmt.Sprint(seq)}}
}

// uploadWriter uploads and deploys a worker in one call.
func uploadWriter(name string) *writer {
	read := said(name)
	return &writer{
		name: name,
		write: func(ctx context.Context, m *process.Mayfly, seq uint64) error {
			return m.API.Deploy(ctx, sayer(name, seq))
		},
		read: func(ctx context.Context, m *process.Mayfly) (uint64, error) {
			var list []struct{ ID string }
			if err := m.API.Call(ctx, "GET", "/workers/scripts", "", nil, &list); err != nil {
				return 0, err
			}
			for _, s := range list {
				if s.ID == name {
					// The first upload may have come without the host that the second call gives it.
					if err := m.API.Call(ctx, "POST", "/workers/scripts/"+name+"/subdomain", "application/json", []byte(`{"enabled":true}`), nil); err != nil {
						return 0, err
					}
					return read(ctx, m)
				}
			}
			return 0, nil
		},
	}
}

// versionWriter uploads a version and then gives it the requests.
func versionWriter(ctx context.Context, m *process.Mayfly, name string) (*writer, error) {
	if err := m.API.Deploy(ctx, sayer(name, 0)); err != nil {
		return nil, err
	}
	return &writer{
		name: "deployments",
		write: func(ctx context.Context, m *process.Mayfly, seq uint64) error {
			id, err := m.API.AddVersion(ctx, sayer(name, seq))
			if err != nil {
				return err
			}
			body, err := json.Marshal(map[string]any{"strategy": "percentage", "versions": []any{map[string]any{"version_id": id, "percentage": 100}}})
			if err != nil {
				return err
			}
			return m.API.Call(ctx, "POST", "/workers/scripts/"+name+"/deployments", "application/json", body, nil)
		},
		read: said(name),
	}, nil
}

func secretWriter() *writer {
	return &writer{
		name: "secrets",
		write: func(ctx context.Context, m *process.Mayfly, seq uint64) error {
			body := fmt.Appendf(nil, `{"name":"SECRET","type":"secret_text","text":"%d"}`, seq)
			return m.API.Call(ctx, "PUT", "/workers/scripts/vault/secrets", "application/json", body, nil)
		},
		read: said("vault"),
	}
}

// ask sends a request to a worker; any status but 200 is an error.
func ask(ctx context.Context, m *process.Mayfly, method, worker, path string, body []byte) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, method, "http://"+m.Addr+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Host = worker + "." + process.Domain
	res, err := m.API.Client.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("status %d: %.200q", res.StatusCode, text)
	}
	return text, err
}

// usageDelay is how long usage may stay in memory, with room for a busy machine.
const usageDelay = 2 * time.Second

// usage counts the requests of a worker beside the server.
type usage struct {
	sent, acked atomic.Int64
	durable     int64 // that the server must never forget
	times       []time.Time
}

// ask makes one request that is counted. It is called by one goroutine at a time.
func (u *usage) ask(ctx context.Context, m *process.Mayfly) error {
	u.sent.Add(1)
	if _, err := ask(ctx, m, "GET", "counted", "/", nil); err != nil {
		return fmt.Errorf("counted: %w", err)
	}
	u.acked.Add(1)
	u.times = append(u.times, time.Now())
	return nil
}

// killed makes what was answered long enough ago durable.
func (u *usage) killed(at time.Time) {
	n := 0
	for _, t := range u.times {
		if at.Sub(t) > usageDelay {
			n++
		}
	}
	u.durable += int64(n)
}

// check looks that usage holds what it must and no more than there was.
func (u *usage) check(ctx context.Context, m *process.Mayfly) error {
	u.times = u.times[:0]
	from := time.Now().Add(-24 * time.Hour).UTC().Format(time.RFC3339)
	var result struct{ Total struct{ Requests int64 } }
	if err := m.API.Call(ctx, "GET", "/mayfly/usage?script=counted&from="+from, "", nil, &result); err != nil {
		return err
	}
	if n := result.Total.Requests; n < u.durable || n > u.sent.Load() {
		return fmt.Errorf("usage says %d requests; %d were sent and at least %d must be kept", n, u.sent.Load(), u.durable)
	}
	u.durable = result.Total.Requests
	return nil
}
