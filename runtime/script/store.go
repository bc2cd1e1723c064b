package script

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/mayfly-edge/mayfly/kv"
)

// The buckets of the store. Keys are the parts of a name joined by "/".
const (
	bucketAccount        = "account"         // account id
	bucketScript         = "script"          // account/name
	bucketTally          = "script.tally"    // account -> sums over its scripts
	bucketVersion        = "version"         // account/script/number
	bucketVersionID      = "version.id"      // account/script/id -> key in version
	bucketCode           = "code"            // account/script/etag -> modules
	bucketArtifact       = "artifact"        // account/script/etag/kind -> derived code
	bucketDeployment     = "deployment"      // account/script/number
	bucketRoute          = "route"           // pattern in normal form
	bucketDomain         = "domain"          // host name
	bucketSchedule       = "schedule"        // account/script
	bucketNamespace      = "namespace"       // account/id
	bucketNamespaceTitle = "namespace.title" // account/title -> id
	bucketToken          = "token"           // hash of the token
	bucketTokenID        = "token.id"        // id -> key in token
	bucketAudit          = "audit"           // account/time/sequence
	bucketAsset          = "asset"           // account/hash -> file
	bucketSession        = "asset.session"   // hash of the session token
	bucketManifest       = "asset.manifest"  // account/script/id
)

// recordVersion is the first byte of every record, so that its form can change.
const recordVersion = 1

var errDamaged = errors.New("damaged record")

// A Store keeps everything that is deployed. It is safe for concurrent use.
type Store struct {
	db  *kv.DB
	key *Key
	now func() time.Time

	domain string // see Reserve

	audited int64 // number of the newest audit entry; belongs to the update that runs

	telling     sync.Mutex // held while subscribers are told
	mu          sync.Mutex // guards the fields below
	subscribers map[int]func([]Change)
	next        int
}

// Open returns the store in db, whose secrets are sealed with key, and creates the
// default account in an empty one. now is the clock; nil is time.Now.
func Open(db *kv.DB, key *Key, now func() time.Time) (*Store, error) {
	if now == nil {
		now = time.Now
	}
	s := &Store{db: db, key: key, now: now, subscribers: map[int]func([]Change){}}
	err := s.Update(Actor{Name: "mayfly"}, func(tx *Tx) error {
		_, err := tx.Account(DefaultAccount)
		if isKind(err, UnknownAccount) {
			_, err = tx.createAccount("Mayfly", true)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return s, nil
}

// An Actor is who asked for a change, for the audit log and as a version's author.
type Actor struct {
	Token   string // token id, "" for the server itself
	Name    string // name of the token
	Source  string // wrangler, api
	Address string // network address of the client
}

// A Tx is a transaction: a consistent view of the store, and in Update the right to
// change it. It must not be used after the function it was passed to has returned.
type Tx struct {
	kv      *kv.Tx
	store   *Store
	actor   Actor
	time    time.Time
	changes []Change
}

// View runs fn on a consistent snapshot.
func (s *Store) View(fn func(*Tx) error) error {
	return s.db.View(func(t *kv.Tx) error {
		return fn(&Tx{kv: t, store: s, time: s.now().UTC()})
	})
}

// Update runs fn as one transaction. When fn returns nil everything it did is durable,
// and every subscriber has been told, before Update returns; otherwise nothing has
// happened. fn may run more than once. Concurrent updates run one after another and
// become durable together.
func (s *Store) Update(by Actor, fn func(*Tx) error) error {
	var changes []Change
	err := s.db.Update(func(t *kv.Tx) error {
		tx := &Tx{kv: t, store: s, actor: by, time: s.now().UTC()}
		if err := fn(tx); err != nil {
			return err
		}
		changes = tx.changes
		return nil
	})
	if err != nil || len(changes) == 0 {
		return err
	}
	s.telling.Lock()
	defer s.telling.Unlock()
	for _, notify := range s.subscribed() {
		notify(changes)
	}
	return nil
}

func (s *Store) subscribed() []func([]Change) {
	s.mu.Lock()
	defer s.mu.Unlock()
	fns := make([]func([]Change), 0, len(s.subscribers))
	for i := range s.next {
		if fn := s.subscribers[i]; fn != nil {
			fns = append(fns, fn)
		}
	}
	return fns
}

// Subscribe has fn called with the changes of each transaction after it is durable, one
// at a time. Those of concurrent transactions come in any order: what counts is the store
// as View shows it. fn must not call Update and should be quick: the request that made
// the change waits for it. The function returned ends it.
func (s *Store) Subscribe(fn func([]Change)) (cancel func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	id := s.next
	s.next++
	s.subscribers[id] = fn
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.subscribers, id)
	}
}

// A Change tells that something was written.
type Change struct {
	Kind    ChangeKind
	Account string
	Script  string // "" where no script is concerned
	ID      string // of the version, deployment, namespace or token concerned
}

// A ChangeKind says what was written.
type ChangeKind uint8

const (
	AccountChanged ChangeKind = iota + 1
	ScriptChanged
	ScriptDeleted
	VersionAdded
	Deployed
	RoutesChanged
	DomainsChanged
	SchedulesChanged
	NamespaceChanged
	NamespaceDeleted
	TokenChanged
)

func (tx *Tx) changed(c Change) { tx.changes = append(tx.changes, c) }

// now is the time of the transaction.
func (tx *Tx) now() time.Time { return tx.time }

// key joins the parts of a record's name. Account ids, script names, hashes and
// numbers cannot contain the separator; a free text comes last.
func key(parts ...string) string { return strings.Join(parts, "/") }

// prefix is the beginning of all keys below parts; all keys when the first is "".
func prefix(parts ...string) string {
	if parts[0] == "" {
		return ""
	}
	return key(parts...) + "/"
}

// maxKey is the longest key there is. Longer ones come from outside and name nothing.
const maxKey = 2048

func (tx *Tx) raw(bucket, key string) ([]byte, error) {
	if len(key) > maxKey {
		return nil, kv.ErrNotFound
	}
	return tx.kv.Get(bucket, key)
}

func (tx *Tx) get(bucket, key string, into any) error {
	data, err := tx.raw(bucket, key)
	if err != nil {
		return err
	}
	return decode(bucket, key, data, into)
}

func decode(bucket, key string, data []byte, into any) error {
	if len(data) == 0 || data[0] != recordVersion {
		return fmt.Errorf("script: record %s %s: %w", bucket, key, errDamaged)
	}
	if err := json.Unmarshal(data[1:], into); err != nil {
		return fmt.Errorf("script: record %s %s: %w", bucket, key, err)
	}
	return nil
}

func encode(v any) ([]byte, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	return append([]byte{recordVersion}, text...), nil
}

func (tx *Tx) put(bucket, key string, v any) error {
	data, err := encode(v)
	if err != nil {
		return fmt.Errorf("script: record %s %s: %w", bucket, key, err)
	}
	return tx.kv.Put(bucket, key, data)
}

func (tx *Tx) remove(bucket, key string) error { return tx.kv.Delete(bucket, key) }

// clear removes all records whose key begins with prefix.
func (tx *Tx) clear(bucket, prefix string) error {
	return tx.kv.Scan(bucket, prefix, "", func(key string, _ []byte) error {
		return tx.kv.Delete(bucket, key)
	})
}

// list decodes all records whose key begins with prefix, in key order.
func list[T any](tx *Tx, bucket, prefix string) ([]*T, error) {
	var all []*T
	err := each(tx, bucket, prefix, func(v *T) error {
		all = append(all, v)
		return nil
	})
	return all, err
}

// each calls f with all records whose key begins with prefix, in key order.
func each[T any](tx *Tx, bucket, prefix string, f func(*T) error) error {
	return tx.kv.Scan(bucket, prefix, "", func(key string, data []byte) error {
		v := new(T)
		if err := decode(bucket, key, data, v); err != nil {
			return err
		}
		return f(v)
	})
}

func isKind(err error, k Kind) bool { return err != nil && errors.Is(err, k) }
