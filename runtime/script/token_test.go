package script_test

import (
	"errors"
	"testing"
	"time"

	"github.com/mayfly-edge/mayfly/runtime/script"
)

func TestTokens(t *testing.T) {
	r := newRig(t)
	const root = "0123456789abcdef-root"
	if err := r.SetRootToken("short"); !errors.Is(err, script.BadValue) {
		t.Errorf("a short root token was taken: %v", err)
	}
	if err := r.SetRootToken(root); err != nil {
		t.Fatal(err)
	}
	var text string
	token := &script.Token{Name: "ci", Account: r.account, Scopes: []script.Scope{script.ScopeDeploy}, ExpiresOn: r.clock.Add(time.Hour)}
	r.do(func(tx *script.Tx) (err error) { text, err = tx.CreateToken(token); return err })
	find := func(text string) (*script.Token, error) {
		var found *script.Token
		err := r.View(func(tx *script.Tx) (err error) { found, err = tx.Token(text); return err })
		return found, err
	}
	got, err := find(text)
	if err != nil || got.ID != token.ID {
		t.Fatalf("token is %+v, %v", got, err)
	}
	for _, c := range []struct {
		account string
		scope   script.Scope
		want    bool
	}{
		{r.account, script.ScopeDeploy, true}, {r.account, script.ScopeRead, true}, {r.account, script.ScopeKV, false},
		{r.account, script.ScopeAdmin, false}, {"another", script.ScopeDeploy, false},
	} {
		if got.Allows(c.account, c.scope) != c.want {
			t.Errorf("Allows(%q, %q) = %v", c.account, c.scope, !c.want)
		}
	}
	*r.clock = r.clock.Add(time.Hour)
	if _, err := find(text); !errors.Is(err, script.UnknownToken) {
		t.Errorf("an expired token is found: %v", err)
	}
	r.refuse(script.UnknownToken, func(tx *script.Tx) error { return tx.RevokeToken("another", token.ID) })
	r.do(func(tx *script.Tx) error { return tx.RevokeToken(r.account, token.ID) })
	r.refuse(script.UnknownToken, func(tx *script.Tx) error { return tx.RevokeToken(r.account, token.ID) })
	if err := r.SetRootToken("another-root-token-0"); err != nil {
		t.Fatal(err)
	}
	if _, err := find(root); !errors.Is(err, script.UnknownToken) {
		t.Errorf("the former root token is found: %v", err)
	}
	if got, err := find("another-root-token-0"); err != nil || !got.Allows("any", script.ScopeAdmin) {
		t.Errorf("root token is %+v, %v", got, err)
	}
}
