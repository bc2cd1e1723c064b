package control

import (
	"strings"
	"time"
)

// author turns the name of a token into something where an e-mail address is expected.
func author(name string) string {
	return strings.ReplaceAll(name, " ", "-") + "@mayfly.invalid"
}

// getUser describes who the token stands for.
func getUser(k *call) (any, error) {
	return map[string]any{"id": k.token.ID, "email": author(k.token.Name), "username": k.token.Name}, nil
}

// verifyToken says that the token is valid: an invalid one does not get here.
func verifyToken(k *call) (any, error) {
	result := map[string]any{"id": k.token.ID, "status": "active"}
	if !k.token.ExpiresOn.IsZero() {
		result["expires_on"] = stamp(k.token.ExpiresOn)
	}
	return result, nil
}

// stamp is the form of times in answers.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000Z") }
