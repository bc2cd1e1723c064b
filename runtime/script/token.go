package script

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"slices"
	"time"

	"github.com/mayfly-edge/mayfly/kv"
)

// A Scope is what a token allows.
type Scope string

const (
	ScopeRead   Scope = "read"   // look at everything but KV values
	ScopeDeploy Scope = "deploy" // read, and change scripts, secrets, routes
	ScopeKV     Scope = "kv"     // KV namespaces and their data
	ScopeTail   Scope = "tail"   // live logs
	ScopeAdmin  Scope = "admin"  // everything, tokens and accounts included
)

// Scopes lists all scopes.
var Scopes = [...]Scope{ScopeRead, ScopeDeploy, ScopeKV, ScopeTail, ScopeAdmin}

// tokenPrefix makes a token recognisable, also to secret scanners.
const tokenPrefix = "mayfly_"

// rootTokenID is the id of the token that the server was started with.
const rootTokenID = "root"

// A Token lets its bearer use the control plane. The token's text is not kept, only its
// SHA-256 hash: it has 256 random bits, so a slow hash would add nothing.
type Token struct {
	ID        string    `json:"id"`
	Name      string    `json:"name"`
	Account   string    `json:"account,omitempty"` // "" for all accounts
	Scopes    []Scope   `json:"scopes"`
	CreatedOn time.Time `json:"created_on"`
	ExpiresOn time.Time `json:"expires_on,omitzero"` // zero for never
}

// Allows reports whether the token has scope for account.
func (t *Token) Allows(account string, scope Scope) bool {
	if t.Account != "" && t.Account != account {
		return false
	}
	for _, s := range t.Scopes {
		if s == scope || s == ScopeAdmin || s == ScopeDeploy && scope == ScopeRead {
			return true
		}
	}
	return false
}

// NewTokenText returns the text of a new token.
func NewTokenText() string {
	var b [32]byte
	rand.Read(b[:])
	return tokenPrefix + base64.RawURLEncoding.EncodeToString(b[:])
}

func hashToken(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// Token finds the token with that text. An unknown or expired one is UnknownToken.
func (tx *Tx) Token(text string) (*Token, error) {
	t := new(Token)
	err := tx.get(bucketToken, hashToken(text), t)
	if err == kv.ErrNotFound || err == nil && !t.ExpiresOn.IsZero() && !tx.now().Before(t.ExpiresOn) {
		return nil, Errorf(UnknownToken, "the API token is unknown, revoked or expired")
	}
	if err != nil {
		return nil, err
	}
	return t, nil
}

// Tokens lists the tokens of an account, or all of them when account is "".
func (tx *Tx) Tokens(account string) ([]*Token, error) {
	all, err := list[Token](tx, bucketToken, "")
	all = slices.DeleteFunc(all, func(t *Token) bool { return account != "" && t.Account != account })
	sortBy(all, func(a, b *Token) bool { return a.CreatedOn.Before(b.CreatedOn) })
	return all, err
}

// CreateToken adds a token with the given Name, Account, Scopes and ExpiresOn and returns
// its text, which cannot be had again.
func (tx *Tx) CreateToken(t *Token) (text string, err error) {
	if err := checkTitle("token name", t.Name, 100); err != nil {
		return "", err
	}
	if len(t.Scopes) == 0 {
		return "", Errorf(BadValue, "a token needs at least one scope of %v", Scopes)
	}
	for _, s := range t.Scopes {
		if !slices.Contains(Scopes[:], s) {
			return "", Errorf(BadValue, "%q is not a scope; scopes are %v", s, Scopes)
		}
	}
	if t.Account != "" {
		if _, err := tx.Account(t.Account); err != nil {
			return "", err
		}
	}
	if !t.ExpiresOn.IsZero() && !t.ExpiresOn.After(tx.now()) {
		return "", Errorf(BadValue, "expires_on %s is in the past", t.ExpiresOn.Format(time.RFC3339))
	}
	text = NewTokenText()
	t.ID, t.CreatedOn = NewID(), tx.now()
	return text, tx.saveToken(t, text)
}

func (tx *Tx) saveToken(t *Token, text string) error {
	if err := tx.kv.Put(bucketTokenID, t.ID, []byte(hashToken(text))); err != nil {
		return err
	}
	tx.audit(t.Account, "token.create", t.Name, t.ID)
	tx.changed(Change{Kind: TokenChanged, Account: t.Account, ID: t.ID})
	return tx.put(bucketToken, hashToken(text), t)
}

// RevokeToken removes the token with that id. account must be the token's, or "" for any.
func (tx *Tx) RevokeToken(account, id string) error {
	unknown := Errorf(UnknownToken, "token %q does not exist", id)
	where, err := tx.raw(bucketTokenID, id)
	if err == kv.ErrNotFound {
		return unknown
	}
	if err != nil {
		return err
	}
	t := new(Token)
	if err := tx.get(bucketToken, string(where), t); err != nil {
		return err
	}
	if account != "" && t.Account != account {
		return unknown
	}
	if id == rootTokenID {
		return Errorf(BadValue, "the root token cannot be revoked; start the server with another one")
	}
	return tx.dropToken(t, string(where))
}

func (tx *Tx) dropToken(t *Token, where string) error {
	if err := tx.remove(bucketTokenID, t.ID); err != nil {
		return err
	}
	tx.audit(t.Account, "token.revoke", t.Name, t.ID)
	tx.changed(Change{Kind: TokenChanged, Account: t.Account, ID: t.ID})
	return tx.remove(bucketToken, where)
}

// SetRootToken makes text the root token, which may do everything in every account, in
// place of the one before.
func (s *Store) SetRootToken(text string) error {
	if len(text) < 16 {
		return Errorf(BadValue, "the root token has %d characters; use at least 16, such as the output of: openssl rand -hex 32", len(text))
	}
	return s.Update(Actor{Name: "mayfly"}, func(tx *Tx) error {
		where, err := tx.raw(bucketTokenID, rootTokenID)
		switch {
		case err == nil && string(where) == hashToken(text):
			return nil
		case err == nil:
			if err := tx.dropToken(&Token{ID: rootTokenID, Name: "root"}, string(where)); err != nil {
				return err
			}
		case err != kv.ErrNotFound:
			return err
		}
		return tx.saveToken(&Token{ID: rootTokenID, Name: "root", Scopes: []Scope{ScopeAdmin}, CreatedOn: tx.now()}, text)
	})
}
