package script_test

import (
	"strings"
	"testing"
	"time"

	"github.com/mayfly-edge/mayfly/runtime/script"
)

func TestAssets(t *testing.T) {
	r := newRig(t)
	hash := strings.Repeat("ab", 16)
	m := script.Manifest{"/index.html": {Hash: hash, Size: 5}, "/copy.html": {Hash: hash, Size: 5}}
	var token string
	var missing []string
	r.do(func(tx *script.Tx) (err error) {
		token, missing, err = tx.OpenAssetSession(r.account, "site", m)
		return err
	})
	if len(missing) != 1 || missing[0] != hash {
		t.Fatalf("missing are %v", missing)
	}
	finish := func(tx *script.Tx) error { _, err := tx.FinishAssets(r.account, "site", token); return err }
	r.refuse(script.AssetMissing, finish)
	put := func(hash, content string) func(*script.Tx) error {
		return func(tx *script.Tx) error {
			s, err := tx.AssetSession(token)
			if err != nil {
				return err
			}
			return tx.PutAsset(s, hash, "text/html; charset=utf-8", []byte(content))
		}
	}
	r.refuse(script.BadValue, put(hash, "too long"))
	r.refuse(script.UnknownAsset, put(strings.Repeat("cd", 16), "hello"))
	r.do(put(hash, "hello"))
	r.refuse(script.UnknownToken, func(tx *script.Tx) error { _, err := tx.FinishAssets(r.account, "other", token); return err })
	r.do(finish)
	r.view(func(tx *script.Tx) error {
		typ, content, err := tx.Asset(r.account, hash)
		if typ != "text/html; charset=utf-8" || string(content) != "hello" {
			t.Errorf("asset is %q %q", typ, content)
		}
		return err
	})
	r.do(func(tx *script.Tx) (err error) {
		_, missing, err = tx.OpenAssetSession(r.account, "site", m)
		return err
	})
	if len(missing) != 0 {
		t.Errorf("a stored asset is asked for again: %v", missing)
	}
	*r.clock = r.clock.Add(2 * time.Hour)
}
