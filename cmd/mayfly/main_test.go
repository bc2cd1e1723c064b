package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mayfly-edge/mayfly/runtime/host"
)

// asProgram in the environment makes the test binary the program itself, so that tests
// start the real thing.
const asProgram = "MAYFLY_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) == "1" || len(os.Args) > 1 && os.Args[1] == host.Command {
		main()
	}
	os.Exit(m.Run())
}

// run runs the program in this process.
func run(t *testing.T, env map[string]string, stdin string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	m := Main{Stdin: strings.NewReader(stdin), Stdout: &out, Stderr: &errs, Getenv: func(name string) string { return env[name] }}
	code = m.Run(context.Background(), args)
	return code, out.String(), errs.String()
}

func TestExitCodes(t *testing.T) {
	t.Chdir(t.TempDir())
	good := write(t, "good.js", `export default { fetch() { return new Response("ok") } }`)
	bad := write(t, "bad.js", "let x = ;\n")
	config := t.TempDir()
	for _, tc := range []struct {
		args string
		code int
		says string // in what is written
	}{
		{"", 0, "mayfly COMMAND --help"},
		{"--help", 0, "Commands:"},
		{"serve --help", 0, "127.0.0.1:8787"},
		{"dev --help", 0, "Examples:"},
		{"kv --help", 0, "mayfly kv namespace create"},
		{"kv key put --help", 0, "--ttl"},
		{"version", 0, "mayfly "},
		{"version --json", 0, `"go":"go1.`},
		{"bogus", 2, "unexpected argument bogus"},
		{"serve --bogus", 2, "unknown flag --bogus"},
		{"serve --containment jail", 2, "--containment must be one of"},
		{"serve --cpu-limit 9h", 2, "between 1ms and 5m"},
		{"serve --concurrency 0", 2, "at least 1"},
		{"serve --max-body 12q", 2, "no size such as"},
		{"serve --max-header 1G", 2, "--max-header 1073741824: it must be between"},
		{"serve --max-conns 0", 2, "--max-conns 0: it must be between"},
		{"serve --idle-timeout 0", 2, "at least 10ms"},
		{"serve --egress-allow 10.0.0.0/99", 2, "--egress-allow"},
		{"serve --trusted-proxies nonsense", 2, "--trusted-proxies"},
		{"serve --tls-cert a.pem", 2, "each certificate needs its key"},
		{"serve --redirect-http :80", 2, "--redirect-http needs"},
		{"serve --listen nonsense", 1, "choose another address with --listen"},
		{"serve --listen 127.0.0.1:0 --control 127.0.0.1:0 --domain bad_/domain --data d", 1, "domain"},
		{"dev --port 99999", 2, "between 0 and 65535"},
		{"dev missing.js", 1, "no such file"},
		{"dev --var NAME", 2, "NAME:VALUE"},
		{"deploy " + bad, 1, "bad.js:1:9: Unexpected"},
		{"deploy " + good, 1, "MAYFLY_TOKEN"},
		{"deploy " + good + " --name Bad.Name", 2, "--name"},
		{"deploy " + good + " --env x", 1, "no environments"},
		{"deploy " + good + " --dry-run", 0, "Would deploy good"},
		{"deploy " + good + " --dry-run --json", 0, `"dry_run": true`},
		{"kv key get k", 2, "either --namespace or --binding"},
		{"kv key put k v --namespace n --metadata {", 2, "not valid JSON"},
		{"kv key put k v --namespace n --path x", 2, "either as an argument or by --path"},
		{"token create t --scope everything", 2, "read, deploy, kv, tail or admin"},
		{"token create t", 2, "--scope"},
		{"usage --plan azure", 2, "--plan"},
		{"usage --json --csv", 2, "--json"},
		{"usage --plan workers --step day", 1, "MAYFLY_TOKEN"},
		{"secret list", 1, "--name"},
		{"login --control ftp://x", 1, "no token"},
	} {
		t.Run(tc.args, func(t *testing.T) {
			code, stdout, stderr := run(t, map[string]string{"XDG_CONFIG_HOME": config}, "", strings.Fields(tc.args)...)
			if code != tc.code || !strings.Contains(stdout+stderr, tc.says) {
				t.Errorf("exit code %d, want %d with %q:\n%s%s", code, tc.code, tc.says, stdout, stderr)
			}
			if code != 0 && stdout != "" {
				t.Errorf("a failure writes to standard output: %s", stdout)
			}
		})
	}
}

// TestHelp asks every command to explain itself, with an example.
func TestHelp(t *testing.T) {
	for _, command := range []string{"dev", "serve", "deploy", "kv", "kv namespace create", "kv namespace list", "kv namespace delete",
		"kv key put", "kv key get", "kv key list", "kv key delete", "kv bulk put", "kv bulk get", "kv bulk delete",
		"secret", "secret put", "secret list", "secret delete", "secret bulk", "usage", "token", "token create", "token list", "token revoke", "login", "version"} {
		code, stdout, stderr := run(t, nil, "", append(strings.Fields(command), "--help")...)
		if code != 0 || stderr != "" || !strings.Contains(stdout, "Example") || !strings.Contains(stdout, "mayfly "+strings.Fields(command)[0]) {
			t.Errorf("mayfly %s --help: exit code %d\n%s%s", command, code, stdout, stderr)
		}
	}
}

// write writes a file in a folder of its own and returns its path.
func write(t *testing.T, name, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}
