package control

import (
	"errors"
	"strings"

	"github.com/mayfly-edge/mayfly/runtime/script"
)

// authenticate finds the token of the request. There is no other way in.
func (k *call) authenticate() error {
	header := string(k.http.Request.Header.Peek("Authorization"))
	if header == "" && len(k.http.Request.Header.Peek("X-Auth-Key")) > 0 {
		return &apiError{401, 9106, "API keys (X-Auth-Key, CLOUDFLARE_API_KEY) are not accepted: set CLOUDFLARE_API_TOKEN to a Mayfly API token"}
	}
	text, err := bearer(header)
	if err != nil {
		return err
	}
	err = k.view(func(tx *script.Tx) (err error) {
		k.token, err = tx.Token(text)
		return err
	})
	if errors.Is(err, script.UnknownToken) {
		return &apiError{401, codeAuthentication, "Authentication error: the API token is unknown, revoked or expired"}
	}
	return err
}

// bearer takes the token out of an Authorization header.
func bearer(header string) (string, error) {
	scheme, text, _ := strings.Cut(header, " ")
	text = strings.TrimSpace(text)
	if !strings.EqualFold(scheme, "Bearer") || text == "" {
		return "", &apiError{401, codeAuthentication, "Authentication error: send an API token as Authorization: Bearer TOKEN"}
	}
	return text, nil
}

// authorize resolves the account in the path and checks the token's scope for it. An
// account that is not the token's looks the same whether it exists or not.
func (k *call) authorize(e *endpoint) error {
	name, inAccount := k.params["account"]
	if !inAccount {
		if e.scope != "" && !k.token.Allows(k.token.Account, e.scope) {
			return missingScope(e.scope)
		}
		return nil
	}
	var account *script.Account
	err := k.view(func(tx *script.Tx) (err error) {
		if name == script.DefaultAccount && k.token.Account != "" {
			name = k.token.Account
		}
		account, err = tx.Account(name)
		return err
	})
	foreign := k.token.Account != "" && (err != nil || account.ID != k.token.Account)
	switch {
	case foreign && (err == nil || errors.Is(err, script.UnknownAccount)):
		return &apiError{403, codeAuthentication, "Authentication error: the API token is not for this account"}
	case errors.Is(err, script.UnknownAccount):
		return &apiError{404, codeNoRoute, "Could not route to /accounts/" + name + ", perhaps your object identifier is invalid?"}
	case err != nil:
		return err
	}
	k.account = account.ID
	if e.scope != "" && !k.token.Allows(account.ID, e.scope) {
		return missingScope(e.scope)
	}
	return nil
}

func missingScope(scope script.Scope) error {
	return &apiError{403, codeAuthentication, "Authentication error: the API token lacks the scope " + string(scope)}
}

// accounts lists the accounts that the token is for.
func (k *call) accounts() (all []*script.Account, err error) {
	err = k.view(func(tx *script.Tx) error {
		if k.token.Account == "" {
			all, err = tx.Accounts()
			return err
		}
		a, err := tx.Account(k.token.Account)
		all = []*script.Account{a}
		return err
	})
	return all, err
}
