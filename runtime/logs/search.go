package logs

import (
	"bytes"
	"encoding/json"
	"time"

	"github.com/mayfly-edge/mayfly/kv"
)

// A Query asks for kept items of one script.
type Query struct {
	Account, Script string
	// Since and Until bound the start of the invocations, Until excluded. Zero is no bound.
	Since, Until time.Time
	// Search is text that an item must have, in its console, exceptions or request.
	Search string
	// Outcome is the outcome that an item must have; "" is any.
	Outcome string
	Limit   int    // most items; 0 means 100
	Cursor  string // of the page before, "" for the first
}

// A Page is an answer: items as they were kept, newest first.
type Page struct {
	Items []json.RawMessage
	// Cursor asks for the next page; "" when there is none. A page may hold less than
	// the limit although there are more.
	Cursor string
}

// maxExamined is how many items one search looks at.
const maxExamined = 20_000

// Search answers a query.
func (k *Keeper) Search(q Query) (*Page, error) {
	if q.Limit <= 0 {
		q.Limit = 100
	}
	o := owner{q.Account, q.Script}
	before := ""
	if !q.Until.IsZero() {
		before = prefix(o) + moment(q.Until)
	}
	if q.Cursor != "" {
		if c := prefix(o) + q.Cursor; before == "" || c < before {
			before = c
		}
	}
	since := moment(q.Since)
	needle := []byte(nil)
	if q.Search != "" {
		needle, _ = json.Marshal(q.Search) // as it stands in JSON text
		needle = needle[1 : len(needle)-1]
	}
	p := &Page{Items: []json.RawMessage{}}
	examined := 0
	err := k.db.View(func(tx *kv.Tx) error {
		return tx.ScanReverse(bucket, prefix(o), before, func(key string, text []byte) error {
			if timeOf(o, key) < since {
				return kv.ErrStop
			}
			if len(p.Items) == q.Limit || examined == maxExamined {
				p.Cursor = before[len(prefix(o)):]
				return kv.ErrStop
			}
			examined++
			before = key
			if needle != nil && !bytes.Contains(text, needle) || q.Outcome != "" && outcome(text) != q.Outcome {
				return nil
			}
			p.Items = append(p.Items, text)
			return nil
		})
	})
	return p, err
}

func outcome(text []byte) string {
	var i struct {
		Outcome string `json:"outcome"`
	}
	if json.Unmarshal(text, &i) != nil {
		return ""
	}
	return i.Outcome
}
