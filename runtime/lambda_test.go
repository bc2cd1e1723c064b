package runtime_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/mayfly-edge/mayfly/runtime"
	"github.com/mayfly-edge/mayfly/runtime/script"
)

const testToken = "mayfly_root_token_of_the_tests"

// upload sends a module worker through the control plane, as clients do.
func upload(t *testing.T, s *runtime.Server, name, js string) {
	t.Helper()
	body := "--b\r\nContent-Disposition: form-data; name=\"metadata\"\r\n\r\n{\"main_module\":\"index.js\"}\r\n" +
		"--b\r\nContent-Disposition: form-data; name=\"index.js\"; filename=\"index.js\"\r\nContent-Type: application/javascript+module\r\n\r\n" + js + "\r\n--b--\r\n"
	res, text := call(t, s, "PUT", "/client/v4/accounts/default/workers/scripts/"+name, body, "Content-Type", "multipart/form-data; boundary=b")
	if res.StatusCode != 200 {
		t.Fatalf("upload of %s: %d %s", name, res.StatusCode, text)
	}
	if res, text := call(t, s, "POST", "/client/v4/accounts/default/workers/scripts/"+name+"/subdomain", `{"enabled":true}`); res.StatusCode != 200 {
		t.Fatalf("%d %s", res.StatusCode, text)
	}
}

// call asks the control plane with the root token, unless headers bring another.
func call(t *testing.T, s *runtime.Server, method, path, body string, headers ...string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequest(method, "http://"+s.ControlAddr().String()+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+testToken)
	for i := 0; i < len(headers); i += 2 {
		if headers[i+1] == "" {
			req.Header.Del(headers[i])
		} else {
			req.Header.Set(headers[i], headers[i+1])
		}
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, string(text)
}

const lambdaJS = `
export const handler = async (event, context) => {
	console.log("event", JSON.stringify(event));
	if (event.fail) throw new RangeError(event.fail);
	if (event.spin) for (;;);
	if (event.url) return (await fetch(event.url)).status;
	if (event.requestContext) return { statusCode: 201, headers: { "x-path": event.rawPath }, cookies: ["a=1"], body: event.requestContext.http.method };
	return { echo: event, id: context.awsRequestId };
};`

func lambdaServer(t *testing.T) *runtime.Server {
	s := start(t, runtime.ServerConfig{Control: "127.0.0.1:0", Config: runtime.Config{
		RootToken: testToken, EgressAllow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")},
	}})
	upload(t, s, "fn", lambdaJS)
	upload(t, s, "web", `export default { fetch() { return new Response("web") } }`)
	return s
}

func TestLambdaInvoke(t *testing.T) {
	s := lambdaServer(t)
	const at = "/2015-03-31/functions/fn/invocations"
	tests := []struct {
		name, path, body string
		headers          []string
		status           int
		kind             string // x-amzn-errortype
		want             string
	}{
		{"plain", at, `{"a":1}`, nil, 200, "", `{"echo":{"a":1},"id":"`},
		{"no event", at, "", nil, 200, "", `{"echo":{},`},
		{"arn", "/2015-03-31/functions/arn:aws:lambda:mayfly:default:function:fn/invocations", `1`, nil, 200, "", `{"echo":1,`},
		{"escaped arn", "/2015-03-31/functions/default%3Afunction%3Afn/invocations", `1`, nil, 200, "", `{"echo":1,`},
		{"latest", at + "?Qualifier=$LATEST", `1`, nil, 200, "", `{"echo":1,`},
		{"session token", at, `1`, []string{"Authorization", "AWS4-HMAC-SHA256 Credential=x", "X-Amz-Security-Token", testToken}, 200, "", `{"echo":1,`},
		{"dry run", at, `1`, []string{"X-Amz-Invocation-Type", "DryRun"}, 204, "", ""},
		{"throws", at, `{"fail":"far"}`, nil, 200, "", `{"errorType":"RangeError","errorMessage":"far","trace":["RangeError: far",`},
		{"out of CPU time", at, `{"spin":true}`, nil, 200, "", `{"errorType":"Sandbox.Timedout",`},
		{"bad JSON", at, `{"a"`, nil, 400, "InvalidRequestContentException", "not valid JSON"},
		{"too large", at, `"` + strings.Repeat("a", 6<<20) + `"`, nil, 413, "RequestTooLargeException", "6291456"},
		{"unknown type", at, `1`, []string{"X-Amz-Invocation-Type", "Later"}, 400, "InvalidParameterValueException", "Later"},
		{"unknown function", "/2015-03-31/functions/nope/invocations", `1`, nil, 404, "ResourceNotFoundException", "Function not found: arn:aws:lambda"},
		{"unknown version", at + "?Qualifier=7", `1`, nil, 404, "ResourceNotFoundException", ":7"},
		{"bad name", "/2015-03-31/functions/a:b:c:d/invocations", `1`, nil, 400, "ValidationException", "a:b:c:d"},
		{"no function", "/2015-03-31/functions/web/invocations", `1`, nil, 400, "InvalidParameterValueException", "handler"},
		{"no token", at, `1`, []string{"Authorization", ""}, 403, "MissingAuthenticationTokenException", "session token"},
		{"wrong token", at, `1`, []string{"Authorization", "Bearer mayfly_wrong"}, 403, "UnrecognizedClientException", "invalid"},
		{"other account", "/2015-03-31/functions/" + strings.Repeat("0", 32) + ":function:fn/invocations", `1`, nil, 403, "AccessDeniedException", "scope"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			res, text := call(t, s, "POST", test.path, test.body, test.headers...)
			if res.StatusCode != test.status || res.Header.Get("X-Amzn-ErrorType") != test.kind || !strings.Contains(text, test.want) {
				t.Errorf("got %d %s %s\nwant %d %s %s", res.StatusCode, res.Header.Get("X-Amzn-ErrorType"), text, test.status, test.kind, test.want)
			}
			failed := strings.HasPrefix(test.want, `{"errorType"`)
			if (res.Header.Get("X-Amz-Function-Error") == "Unhandled") != failed {
				t.Errorf("function error %q", res.Header.Get("X-Amz-Function-Error"))
			}
			if (res.Header.Get("X-Amz-Executed-Version") != "") != (res.StatusCode < 300 || test.kind == "" || test.name == "unknown type") {
				t.Errorf("executed version %q", res.Header.Get("X-Amz-Executed-Version"))
			}
		})
	}
}

func TestLambdaLogTail(t *testing.T) {
	s := lambdaServer(t)
	for _, event := range []string{`{"a":1}`, `{"a":"` + strings.Repeat("x", 9000) + `"}`, `{"fail":"f"}`} {
		res, _ := call(t, s, "POST", "/2015-03-31/functions/fn/invocations", event, "X-Amz-Log-Type", "Tail")
		log, err := base64.StdEncoding.DecodeString(res.Header.Get("X-Amz-Log-Result"))
		if err != nil || len(log) > 4096 || !strings.Contains(string(log), "REPORT RequestId: "+res.Header.Get("X-Amzn-RequestId")) {
			t.Errorf("log %q, %v", log, err)
		}
		if len(event) < 100 && (!strings.HasPrefix(string(log), "START RequestId: ") || !strings.Contains(string(log), "event")) {
			t.Errorf("log %q", log)
		}
	}
}

// An event is answered before the function has run; the server waits for it at its end.
func TestLambdaEvent(t *testing.T) {
	g := newGate(t)
	s := lambdaServer(t)
	res, text := call(t, s, "POST", "/2015-03-31/functions/fn/invocations", `{"url":"`+g.url+`"}`, "X-Amz-Invocation-Type", "Event")
	if res.StatusCode != 202 || text != "" {
		t.Fatalf("%d %s", res.StatusCode, text)
	}
	<-g.arrived
	// Concurrency is one: the function is busy now.
	configure(t, s, "fn", func(sc *script.Script, _ *script.Account) { sc.Settings.Concurrency = 1 })
	res, text = call(t, s, "POST", "/2015-03-31/functions/fn/invocations", `{}`)
	if res.StatusCode != 429 || res.Header.Get("X-Amzn-ErrorType") != "TooManyRequestsException" {
		t.Errorf("%d %s", res.StatusCode, text)
	}
	g.pass <- struct{}{}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := s.Drain(ctx); err != nil {
		t.Error(err)
	}
	if used := usage(t, s); used.Total.Invocations < 1 {
		t.Errorf("usage %+v", used.Total)
	}
}

func TestLambdaFunctionURL(t *testing.T) {
	s := lambdaServer(t)
	res := ask(t, s, "fn", "*/*")
	body, _ := io.ReadAll(res.Body)
	if res.StatusCode != 201 || string(body) != "GET" || res.Header.Get("X-Path") != "/" || res.Header.Get("Set-Cookie") != "a=1" {
		t.Errorf("%d %v %s", res.StatusCode, res.Header, body)
	}
}

// The real client of Lambda's API works against the control plane.
func TestLambdaSDK(t *testing.T) {
	required := os.Getenv("MAYFLY_REQUIRE_NPM") == "1"
	if testing.Short() && !required {
		t.Skip("the AWS SDK is not run with -short")
	}
	dir := os.Getenv("MAYFLY_AWS_SDK_DIR")
	if dir == "" {
		dir = t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "package.json"), []byte(`{"private":true}`), 0o600); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
		defer cancel()
		cmd := exec.CommandContext(ctx, "npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "@aws-sdk/client-lambda@3")
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			if required {
				t.Fatalf("npm install: %v\n%s", err, out)
			}
			t.Skipf("@aws-sdk/client-lambda cannot be installed from npm (MAYFLY_REQUIRE_NPM=1 makes this a failure): %v", err)
		}
	}
	s := lambdaServer(t)
	// A function of which as many run as may.
	g := newGate(t)
	upload(t, s, "full", lambdaJS)
	configure(t, s, "full", func(sc *script.Script, _ *script.Account) { sc.Settings.Concurrency = 1 })
	if res, text := call(t, s, "POST", "/2015-03-31/functions/full/invocations", `{"url":"`+g.url+`"}`, "X-Amz-Invocation-Type", "Event"); res.StatusCode != 202 {
		t.Fatalf("%d %s", res.StatusCode, text)
	}
	<-g.arrived
	defer func() { g.pass <- struct{}{} }()
	program := filepath.Join(dir, "invoke.mjs")
	if err := os.WriteFile(program, []byte(sdkProgram), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("node", program)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "ENDPOINT=http://"+s.ControlAddr().String(), "TOKEN="+testToken)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	var got map[string]any
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for name, want := range map[string]any{
		"status": 200.0, "echo": map[string]any{"hello": "world"}, "log": true, "version": true,
		"event": 202.0, "dryRun": 204.0, "error": "Unhandled", "errorType": "RangeError",
		"throttled": []any{"TooManyRequestsException", 429.0, "1", "ReservedFunctionConcurrentInvocationLimitExceeded"},
		"missing":   "ResourceNotFoundException", "denied": "UnrecognizedClientException",
	} {
		if g, w := asJSON(got[name]), asJSON(want); g != w {
			t.Errorf("%s is %s, want %s", name, g, w)
		}
	}
}

func asJSON(v any) string {
	text, _ := json.Marshal(v)
	return string(text)
}

const sdkProgram = `
import { LambdaClient, InvokeCommand } from "@aws-sdk/client-lambda";
const client = (sessionToken) => new LambdaClient({ region: "mayfly", endpoint: process.env.ENDPOINT, maxAttempts: 1,
	credentials: { accessKeyId: "mayfly", secretAccessKey: "unused", sessionToken } });
const c = client(process.env.TOKEN);
const send = (input, via = c) => via.send(new InvokeCommand({ FunctionName: "fn", ...input }));
const json = (r) => JSON.parse(Buffer.from(r.Payload).toString());
const got = {};
let r = await send({ Payload: JSON.stringify({ hello: "world" }), LogType: "Tail" });
got.status = r.StatusCode; got.echo = json(r).echo; got.version = r.ExecutedVersion.length > 10;
got.log = Buffer.from(r.LogResult, "base64").toString().includes("REPORT RequestId: ");
got.event = (await send({ InvocationType: "Event", Payload: "{}" })).StatusCode;
got.dryRun = (await send({ InvocationType: "DryRun" })).StatusCode;
r = await send({ Payload: JSON.stringify({ fail: "far" }) });
got.error = r.FunctionError; got.errorType = json(r).errorType;
got.throttled = await send({ FunctionName: "full" }).catch(e => [e.name, e.$metadata.httpStatusCode, e.retryAfterSeconds, e.Reason]);
got.missing = await send({ FunctionName: "nope" }).catch(e => e.name);
got.denied = await send({}, client("wrong")).catch(e => e.name);
console.log(JSON.stringify(got));
`
