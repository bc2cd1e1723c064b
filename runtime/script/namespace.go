package script

import (
	"time"

	"github.com/mayfly-edge/mayfly/kv"
)

// MaxNamespaces is the number of KV namespaces an account may have.
const MaxNamespaces = 1000

// A Namespace is a KV namespace's record. Its entries are in package kv, under its ID.
type Namespace struct {
	ID        string    `json:"id"` // 32 hexadecimal digits
	Account   string    `json:"account"`
	Title     string    `json:"title"` // unique in the account
	CreatedOn time.Time `json:"created_on"`
}

// Namespace returns a namespace of the account.
func (tx *Tx) Namespace(account, id string) (*Namespace, error) {
	n := new(Namespace)
	err := tx.get(bucketNamespace, key(account, id), n)
	if err == kv.ErrNotFound {
		return nil, Errorf(UnknownNamespace, "namespace not found: %s", id)
	}
	if err != nil {
		return nil, err
	}
	return n, nil
}

// Namespaces lists the account's namespaces by title, or those of all accounts when
// account is "".
func (tx *Tx) Namespaces(account string) ([]*Namespace, error) {
	all, err := list[Namespace](tx, bucketNamespace, prefix(account))
	sortBy(all, func(a, b *Namespace) bool { return a.Title < b.Title })
	return all, err
}

// CreateNamespace adds a namespace with a new id.
func (tx *Tx) CreateNamespace(account, title string) (*Namespace, error) {
	if err := tx.freeTitle(account, title); err != nil {
		return nil, err
	}
	all, err := tx.Namespaces(account)
	if err != nil {
		return nil, err
	}
	if len(all) >= MaxNamespaces {
		return nil, Errorf(BadValue, "the account has %d KV namespaces, which is its limit: delete one first", MaxNamespaces)
	}
	n := &Namespace{ID: NewID(), Account: account, Title: title, CreatedOn: tx.now()}
	tx.audit(account, "namespace.create", title, n.ID)
	return n, tx.saveNamespace(n)
}

// RenameNamespace changes a namespace's title.
func (tx *Tx) RenameNamespace(account, id, title string) (*Namespace, error) {
	n, err := tx.Namespace(account, id)
	if err != nil {
		return nil, err
	}
	if n.Title == title {
		return n, nil
	}
	if err := tx.freeTitle(account, title); err != nil {
		return nil, err
	}
	if err := tx.remove(bucketNamespaceTitle, key(account, n.Title)); err != nil {
		return nil, err
	}
	n.Title = title
	tx.audit(account, "namespace.rename", title, id)
	return n, tx.saveNamespace(n)
}

func (tx *Tx) saveNamespace(n *Namespace) error {
	if err := tx.kv.Put(bucketNamespaceTitle, key(n.Account, n.Title), []byte(n.ID)); err != nil {
		return err
	}
	tx.changed(Change{Kind: NamespaceChanged, Account: n.Account, ID: n.ID})
	return tx.put(bucketNamespace, key(n.Account, n.ID), n)
}

func (tx *Tx) freeTitle(account, title string) error {
	if err := checkTitle("namespace title", title, 512); err != nil {
		return err
	}
	_, err := tx.raw(bucketNamespaceTitle, key(account, title))
	if err == kv.ErrNotFound {
		return nil
	}
	if err != nil {
		return err
	}
	return Errorf(TitleTaken, "a namespace with this account ID and title already exists: %s", title)
}

// DeleteNamespace removes a namespace's record; its entries are removed by whoever
// called. Versions bound to it stay as they are and find it empty.
func (tx *Tx) DeleteNamespace(account, id string) error {
	n, err := tx.Namespace(account, id)
	if err != nil {
		return err
	}
	if err := tx.remove(bucketNamespaceTitle, key(account, n.Title)); err != nil {
		return err
	}
	tx.audit(account, "namespace.delete", n.Title, id)
	tx.changed(Change{Kind: NamespaceDeleted, Account: account, ID: id})
	return tx.remove(bucketNamespace, key(account, id))
}
