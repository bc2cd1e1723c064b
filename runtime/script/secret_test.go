package script_test

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mayfly-edge/mayfly/runtime/script"
)

func TestSecretNeverPrints(t *testing.T) {
	s := script.NewSecret("hunter2")
	b := script.Binding{Name: "K", Type: script.SecretText, Secret: s}
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("m", "secret", s, "binding", b)
	slog.New(slog.NewTextHandler(&log, nil)).Info("m", "secret", s, "binding", b)
	text, _ := s.MarshalText()
	js, _ := s.MarshalJSON()
	for _, got := range []string{fmt.Sprint(s), fmt.Sprintf("%v %+v %#v %s %q %x %d", s, s, s, s, s, s, s), fmt.Sprintf("%v %+v %#v", b, b, &b), log.String(), string(text), string(js)} {
		if strings.Contains(got, "hunter2") || strings.Contains(got, "68756e74657232") {
			t.Errorf("the secret is in %q", got)
		}
	}
}

func TestKeyFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "secret.key")
	key, err := script.LoadKey(path)
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("mode is %v, %v", info.Mode(), err)
	}
	sealed := key.Seal("a/b/C", script.NewSecret("value"))
	again, err := script.LoadKey(path)
	if err != nil {
		t.Fatal(err)
	}
	if s, err := again.Open("a/b/C", sealed); err != nil || s.Reveal() != "value" {
		t.Errorf("opened %q, %v", s.Reveal(), err)
	}
	if _, err := again.Open("a/b/D", sealed); err == nil {
		t.Error("a secret opened in another place")
	}
	sealed[len(sealed)-1] ^= 1
	if _, err := again.Open("a/b/C", sealed); err == nil {
		t.Error("a changed secret opened")
	}
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := script.LoadKey(path); err == nil || !strings.Contains(err.Error(), "chmod 600") {
		t.Errorf("a key file that others may read was taken: %v", err)
	}
	if err := os.WriteFile(path, []byte("zz"), 0o600); err != nil {
		t.Fatal(err)
	}
	os.Chmod(path, 0o600)
	if _, err := script.LoadKey(path); err == nil {
		t.Error("a damaged key file was taken")
	}
}
