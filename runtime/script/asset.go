package script

import (
	"encoding/json"
	"regexp"
	"time"

	"github.com/mayfly-edge/mayfly/kv"
)

// Limits on static assets.
const (
	MaxAssets     = 100_000
	MaxAssetSize  = 25 << 20 // bytes
	sessionLength = time.Hour
)

// An AssetsRef ties a version to its static assets.
type AssetsRef struct {
	Manifest string          `json:"manifest"`         // id, see Tx.Manifest
	Config   json.RawMessage `json:"config,omitempty"` // html_handling and so on, as uploaded
}

// A Manifest maps each path, "/" and raw UTF-8, to the file it serves.
type Manifest map[string]AssetEntry

// An AssetEntry names a file by its content.
type AssetEntry struct {
	Hash string `json:"hash"` // 32 hexadecimal digits, chosen by the client from content and extension
	Size int64  `json:"size"` // bytes
}

// An AssetSession is an upload of assets under way.
type AssetSession struct {
	Account  string   `json:"account"`
	Script   string   `json:"script"`
	Manifest Manifest `json:"manifest"`
}

var hashForm = regexp.MustCompile(`^[0-9a-f]{32}$`)

// Check reports whether the manifest is well formed.
func (m Manifest) Check() error {
	if len(m) > MaxAssets {
		return Errorf(BadValue, "the manifest has %d files, over the limit of %d", len(m), MaxAssets)
	}
	sizes := map[string]int64{}
	for path, e := range m {
		if path == "" || path[0] != '/' {
			return Errorf(BadValue, "asset path %q does not begin with /", path)
		}
		if !hashForm.MatchString(e.Hash) {
			return Errorf(BadValue, "asset %q: hash %q is not 32 hexadecimal digits", path, e.Hash)
		}
		if e.Size < 0 || e.Size > MaxAssetSize {
			return Errorf(BadValue, "asset %q is %d bytes, over the limit of %d bytes", path, e.Size, MaxAssetSize)
		}
		if size, ok := sizes[e.Hash]; ok && size != e.Size {
			return Errorf(BadValue, "asset %q: another file with the same hash has %d bytes, not %d", path, size, e.Size)
		}
		sizes[e.Hash] = e.Size
	}
	return nil
}

// OpenAssetSession starts an upload and returns its token and the hashes, each once, of
// the files the server does not have yet.
func (tx *Tx) OpenAssetSession(account, script string, m Manifest) (token string, missing []string, err error) {
	if err := m.Check(); err != nil {
		return "", nil, err
	}
	if err := CheckName(script); err != nil {
		return "", nil, err
	}
	s := &AssetSession{Account: account, Script: script, Manifest: m}
	if missing, err = tx.missingAssets(s); err != nil {
		return "", nil, err
	}
	token = NewTokenText()
	data, err := encode(s)
	if err != nil {
		return "", nil, err
	}
	return token, missing, tx.kv.PutTTL(bucketSession, hashToken(token), data, sessionLength)
}

// AssetSession returns the session of a token. Unknown and expired ones are UnknownToken.
func (tx *Tx) AssetSession(token string) (*AssetSession, error) {
	s := new(AssetSession)
	err := tx.get(bucketSession, hashToken(token), s)
	if err == kv.ErrNotFound {
		return nil, Errorf(UnknownToken, "the asset upload session is unknown or has expired: start the deployment again")
	}
	if err != nil {
		return nil, err
	}
	return s, nil
}

// missingAssets lists the hashes of the session's files that are not stored, in no order.
func (tx *Tx) missingAssets(s *AssetSession) ([]string, error) {
	var missing []string
	seen := map[string]bool{}
	for _, e := range s.Manifest {
		if seen[e.Hash] {
			continue
		}
		seen[e.Hash] = true
		switch _, err := tx.kv.Get(bucketAsset+".size", key(s.Account, e.Hash)); err {
		case nil:
		case kv.ErrNotFound:
			missing = append(missing, e.Hash)
		default:
			return nil, err
		}
	}
	return missing, nil
}

// MissingAssets reports how many files of the session are still to come.
func (tx *Tx) MissingAssets(s *AssetSession) (int, error) {
	missing, err := tx.missingAssets(s)
	return len(missing), err
}

// PutAsset stores one file of a session. contentType is served as it is; "" serves none.
func (tx *Tx) PutAsset(s *AssetSession, hash, contentType string, content []byte) error {
	size := int64(-1)
	for _, e := range s.Manifest {
		if e.Hash == hash {
			size = e.Size
			break
		}
	}
	if size < 0 {
		return Errorf(UnknownAsset, "asset %q is not in the manifest of this upload session", hash)
	}
	if int64(len(content)) != size {
		return Errorf(BadValue, "asset %q has %d bytes, its manifest says %d", hash, len(content), size)
	}
	head, err := json.Marshal(contentType)
	if err != nil {
		return err
	}
	data := make([]byte, 0, 2+len(head)+len(content))
	data = append(data, recordVersion)
	data = append(append(append(data, head...), '\n'), content...)
	if err := tx.kv.Put(bucketAsset+".size", key(s.Account, hash), []byte{recordVersion}); err != nil {
		return err
	}
	return tx.kv.Put(bucketAsset, key(s.Account, hash), data)
}

// A File is the content of an asset on its way into the store.
type File struct {
	Hash        string // as in the manifest
	ContentType string // served as it is; "" serves none
	Content     []byte
}

// Bounds of one transaction of PutAssets: the engine takes only so many small records at once.
const (
	batchFiles = 500
	batchBytes = 1 << 20
)

// PutAssets stores files of a session, a batch at a time, in the order given. Files are
// named by their content, so that those of an upload that breaks off are found by the next.
func (s *Store) PutAssets(by Actor, session *AssetSession, files []File) error {
	for len(files) > 0 {
		n, size := 0, 0
		for n < len(files) && n < batchFiles && (n == 0 || size+len(files[n].Content) <= batchBytes) {
			size += len(files[n].Content)
			n++
		}
		batch := files[:n]
		files = files[n:]
		if err := s.Update(by, func(tx *Tx) error {
			for _, f := range batch {
				if err := tx.PutAsset(session, f.Hash, f.ContentType, f.Content); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			return err
		}
	}
	return nil
}

// Asset returns a stored file and its content type. The bytes are the caller's.
func (tx *Tx) Asset(account, hash string) (contentType string, content []byte, err error) {
	data, err := tx.kv.Get(bucketAsset, key(account, hash))
	if err == kv.ErrNotFound {
		return "", nil, Errorf(UnknownAsset, "asset %q does not exist", hash)
	}
	if err != nil {
		return "", nil, err
	}
	if len(data) == 0 || data[0] != recordVersion {
		return "", nil, errDamaged
	}
	data = data[1:]
	for i, c := range data {
		if c == '\n' {
			return contentType, data[i+1:], json.Unmarshal(data[:i], &contentType)
		}
	}
	return "", nil, errDamaged
}

// FinishAssets turns a complete session into a manifest of the script and returns its
// id for an AssetsRef. An incomplete one is AssetMissing.
func (tx *Tx) FinishAssets(account, script, token string) (string, error) {
	s, err := tx.AssetSession(token)
	if err != nil {
		return "", err
	}
	if s.Account != account || s.Script != script {
		return "", Errorf(UnknownToken, "the asset upload session belongs to another Worker")
	}
	missing, err := tx.missingAssets(s)
	if err != nil {
		return "", err
	}
	if len(missing) > 0 {
		return "", Errorf(AssetMissing, "%d assets of the upload session have not been uploaded, such as %s", len(missing), missing[0])
	}
	id := NewID()
	return id, tx.put(bucketManifest, key(account, script, id), s.Manifest)
}

// Manifest returns the manifest that an AssetsRef names.
func (tx *Tx) Manifest(account, script, id string) (Manifest, error) {
	m := Manifest{}
	err := tx.get(bucketManifest, key(account, script, id), &m)
	if err == kv.ErrNotFound {
		return nil, Errorf(UnknownAsset, "asset manifest %q does not exist", id)
	}
	return m, err
}
