package runtime_test

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/mayfly-edge/mayfly/runtime"
)

// Each figure that the Grafana dashboard shows is one that the server gives.
func TestDashboard(t *testing.T) {
	text, err := os.ReadFile("../examples/grafana/mayfly.json")
	if err != nil {
		t.Fatal(err)
	}
	if !json.Valid(text) {
		t.Fatal("the dashboard is not valid JSON")
	}
	s := start(t, runtime.ServerConfig{Control: "127.0.0.1:0", Config: runtime.Config{RootToken: testToken}})
	deploy(t, s.Runtime, "shown", `export default { fetch() { return new Response("x") } }`)
	get(t, s, "shown", "/")
	names := regexp.MustCompile(`\b(mayfly|go|process)_[a-z_]+`).FindAllString(string(text), -1)
	if len(names) < 10 {
		t.Fatalf("only %d figures are found in the dashboard", len(names))
	}
	var scrape string
	eventually(t, "the request is counted", func() bool {
		_, scrape = call(t, s, "GET", "/metrics", "")
		return strings.Contains(scrape, "mayfly_requests_total")
	})
	for _, name := range names {
		if !strings.Contains(scrape, "\n"+name) {
			t.Errorf("the dashboard shows %s, which the server does not give", name)
		}
	}
}
