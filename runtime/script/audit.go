package script

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/mayfly-edge/mayfly/kv"
)

// AuditRetention is how long audit entries are kept.
const AuditRetention = 400 * 24 * time.Hour

// serverAudit stands for the account in keys of entries that concern no account.
const serverAudit = "server"

// An AuditEntry tells of one change through the control plane. It never holds a value
// of a secret, variable or KV entry.
type AuditEntry struct {
	ID       string    `json:"id"` // position in the log; entries sort by it
	Time     time.Time `json:"time"`
	Account  string    `json:"account,omitempty"`
	Action   string    `json:"action"`   // such as script.create
	Resource string    `json:"resource"` // name of what was changed
	Detail   string    `json:"detail,omitempty"`
	Token    string    `json:"token,omitempty"` // id of the token used
	Actor    string    `json:"actor"`           // its name
	Source   string    `json:"source,omitempty"`
	Address  string    `json:"address,omitempty"`
}

// audit adds an entry that becomes durable with the change itself.
func (tx *Tx) audit(account, action, resource, detail string) {
	place := account
	if place == "" {
		place = serverAudit
	}
	// Entries are numbered by time, and apart even when the clock stands still.
	tx.store.audited = max(tx.store.audited+1, tx.time.UnixNano())
	id := fmt.Sprintf("%016x", tx.store.audited)
	data, err := json.Marshal(&AuditEntry{ID: id, Time: tx.time, Account: account, Action: action, Resource: resource, Detail: detail,
		Token: tx.actor.Token, Actor: tx.actor.Name, Source: tx.actor.Source, Address: tx.actor.Address})
	if err != nil {
		return // strings and a time always encode
	}
	// The only failure is a transaction that is too large, which fails its commit too.
	_ = tx.kv.PutTTL(bucketAudit, key(place, id), append([]byte{recordVersion}, data...), AuditRetention)
}

// Record adds an audit entry for something that is not in the store, such as the
// deletion of KV entries.
func (tx *Tx) Record(account, action, resource, detail string) {
	tx.audit(account, action, resource, detail)
}

// Audit lists at most limit audit entries of an account, newest first, that are older
// than the entry with id before ("" for the newest). account "" lists those that concern
// no account.
func (tx *Tx) Audit(account, before string, limit int) ([]AuditEntry, error) {
	if account == "" {
		account = serverAudit
	}
	from := ""
	if before != "" {
		from = key(account, strings.ReplaceAll(before, "/", ""))
	}
	var entries []AuditEntry
	err := tx.kv.ScanReverse(bucketAudit, prefix(account), from, func(k string, data []byte) error {
		if len(entries) >= limit {
			return kv.ErrStop
		}
		var e AuditEntry
		if err := decode(bucketAudit, k, data, &e); err != nil {
			return err
		}
		entries = append(entries, e)
		return nil
	})
	return entries, err
}
