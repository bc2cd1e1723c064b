package script

import "github.com/mayfly-edge/mayfly/kv"

// A Tally is what an account's scripts add up to. It is kept so that neither an upload nor
// a cold start reads every script.
type Tally struct {
	Scripts  int `json:"scripts"`
	Reserved int `json:"reserved"` // concurrency set aside for single scripts
}

func (t *Tally) add(s *Script, sign int) {
	t.Scripts += sign
	t.Reserved += sign * s.Settings.Concurrency
}

// Tally returns the sums over an account's scripts.
func (tx *Tx) Tally(account string) (Tally, error) {
	var t Tally
	err := tx.get(bucketTally, account, &t)
	if err != kv.ErrNotFound {
		return t, err
	}
	all, err := tx.Scripts(account) // the first time
	for _, s := range all {
		t.add(s, 1)
	}
	return t, err
}

// tally brings the sums up to date with a script that is about to be saved as s, or
// removed if s is nil.
func (tx *Tx) tally(account, name string, s *Script) error {
	t, err := tx.Tally(account)
	if err != nil {
		return err
	}
	switch before, err := tx.Script(account, name); {
	case err == nil:
		t.add(before, -1)
	case !isKind(err, UnknownScript):
		return err
	}
	if s != nil {
		t.add(s, 1)
	}
	return tx.put(bucketTally, account, t)
}
