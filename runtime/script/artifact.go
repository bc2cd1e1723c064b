package script

import (
	"github.com/mayfly-edge/mayfly/kv"
)

// Artifact returns what was derived from a version's code under that kind, such as the
// bundled program, or nil when there is none. kind should name the program that derived
// it and that program's version. An artifact goes when the code goes.
func (s *Store) Artifact(v *Version, kind string) ([]byte, error) {
	var data []byte
	err := s.db.View(func(t *kv.Tx) (err error) {
		data, err = t.Get(bucketArtifact, key(v.Account, v.Script, v.ETag, kind))
		return err
	})
	if err == kv.ErrNotFound {
		return nil, nil
	}
	return data, err
}

// PutArtifact keeps data, derived from v's code after v was added, under kind. Nothing is
// kept when the code itself is no longer stored.
func (s *Store) PutArtifact(v *Version, kind string, data []byte) error {
	return s.db.Update(func(t *kv.Tx) error {
		if _, err := t.Get(bucketVersionID, key(v.Account, v.Script, v.ID)); err == kv.ErrNotFound {
			return nil
		} else if err != nil {
			return err
		}
		return t.Put(bucketArtifact, key(v.Account, v.Script, v.ETag, kind), data)
	})
}
