package control

import (
	"encoding/base64"
	"slices"
	"strings"

	"github.com/mayfly-edge/mayfly/runtime/script"
)

// bucketBytes is about how many bytes of assets the client is asked to send at once.
const bucketBytes = 40 << 20

// openAssets starts an upload of assets. The script need not exist yet.
func openAssets(k *call) (any, error) {
	var in struct {
		Manifest script.Manifest `json:"manifest"`
	}
	if err := k.json(&in); err != nil {
		return nil, err
	}
	if in.Manifest == nil {
		return nil, badRequest("\"manifest\" is missing")
	}
	var token string
	var missing []string
	err := k.update(func(tx *script.Tx) (err error) {
		token, missing, err = tx.OpenAssetSession(k.account, k.params["script"], in.Manifest)
		return err
	})
	if err != nil {
		return nil, err
	}
	return map[string]any{"jwt": token, "buckets": assetBuckets(in.Manifest, missing)}, nil
}

// assetBuckets groups hashes into uploads of a bounded size.
func assetBuckets(m script.Manifest, missing []string) [][]string {
	sizes := map[string]int64{}
	for _, e := range m {
		sizes[e.Hash] = e.Size
	}
	slices.Sort(missing)
	buckets := [][]string{}
	var size int64
	for _, hash := range missing {
		if len(buckets) == 0 || size+sizes[hash] > bucketBytes {
			buckets, size = append(buckets, nil), 0
		}
		buckets[len(buckets)-1] = append(buckets[len(buckets)-1], hash)
		size += sizes[hash]
	}
	return buckets
}

// session finds the upload that the token in the request's header is for: here it is
// the session's, not an API token.
func (k *call) session() (token string, s *script.AssetSession, err error) {
	if token, err = bearer(string(k.http.Request.Header.Peek("Authorization"))); err != nil {
		return "", nil, err
	}
	err = k.view(func(tx *script.Tx) error {
		if s, err = tx.AssetSession(token); err != nil {
			return &apiError{401, codeAuthentication, "Authentication error: " + err.Error()}
		}
		a, err := tx.Account(k.params["account"])
		if err != nil || a.ID != s.Account {
			return &apiError{403, codeAuthentication, "Authentication error: the asset upload session is for another account"}
		}
		return nil
	})
	return token, s, err
}

// uploadAssets stores a batch of files: one part for each, named by its hash, in base64.
func uploadAssets(k *call) (any, error) {
	token, s, err := k.session()
	if err != nil {
		return nil, err
	}
	body, err := k.body()
	if err != nil {
		return nil, err
	}
	parts, err := parseForm(string(k.http.Request.Header.ContentType()), body)
	if err != nil {
		return nil, err
	}
	for i, p := range parts {
		if !k.flag("base64") {
			continue
		}
		if parts[i].content, err = base64.StdEncoding.DecodeString(strings.TrimSpace(string(p.content))); err != nil {
			return nil, badRequest("asset %q is not base64: %v", p.name, err)
		}
	}
	return k.storeAssets(token, s, parts)
}

// uploadAsset stores one file, as it is.
func uploadAsset(k *call) (any, error) {
	token, s, err := k.session()
	if err != nil {
		return nil, err
	}
	body, err := k.body()
	if err != nil {
		return nil, err
	}
	return k.storeAssets(token, s, []part{{name: k.params["hash"], fullType: string(k.http.Request.Header.ContentType()), content: body}})
}

// noContentType is how a client asks for a file to be served without content type.
const noContentType = "application/null"

// storeAssets answers with the token that completes the upload once nothing is missing.
func (k *call) storeAssets(token string, s *script.AssetSession, parts []part) (any, error) {
	files := make([]script.File, len(parts))
	for i, p := range parts {
		files[i] = script.File{Hash: p.name, ContentType: p.fullType, Content: p.content}
		if p.fullType == noContentType {
			files[i].ContentType = ""
		}
	}
	if err := k.Store.PutAssets(k.actor(), s, files); err != nil {
		return nil, err
	}
	missing := 0
	if err := k.view(func(tx *script.Tx) (err error) {
		missing, err = tx.MissingAssets(s)
		return err
	}); err != nil {
		return nil, err
	}
	if missing > 0 {
		return withStatus{202, map[string]any{"jwt": nil}}, nil
	}
	return withStatus{201, map[string]any{"jwt": token}}, nil
}
