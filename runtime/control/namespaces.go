package control

import (
	"slices"

	"github.com/mayfly-edge/mayfly/kv"
	"github.com/mayfly-edge/mayfly/runtime/script"
)

func namespaceView(n *script.Namespace) map[string]any {
	return map[string]any{"id": n.ID, "title": n.Title, "supports_url_encoding": true}
}

// listNamespaces lists KV namespaces by title or, with ?order=id, by id.
func listNamespaces(k *call) (any, error) {
	var all []*script.Namespace
	err := k.view(func(tx *script.Tx) (err error) {
		all, err = tx.Namespaces(k.account)
		return err
	})
	if err != nil {
		return nil, err
	}
	if k.query.Get("order") == "id" {
		slices.SortFunc(all, func(a, b *script.Namespace) int {
			if a.ID < b.ID {
				return -1
			}
			return 1
		})
	}
	if k.query.Get("direction") == "desc" {
		slices.Reverse(all)
	}
	views := []map[string]any{}
	for _, n := range all {
		views = append(views, namespaceView(n))
	}
	return paginate(k, views)
}

// titleInput is the body of creating and renaming.
type titleInput struct {
	Title string `json:"title"`
}

func createNamespace(k *call) (any, error) {
	var in titleInput
	if err := k.json(&in); err != nil {
		return nil, err
	}
	var n *script.Namespace
	err := k.update(func(tx *script.Tx) (err error) {
		n, err = tx.CreateNamespace(k.account, in.Title)
		return err
	})
	if err != nil {
		return nil, err
	}
	return namespaceView(n), nil
}

func renameNamespace(k *call) (any, error) {
	var in titleInput
	if err := k.json(&in); err != nil {
		return nil, err
	}
	var n *script.Namespace
	err := k.update(func(tx *script.Tx) (err error) {
		n, err = tx.RenameNamespace(k.account, k.params["namespace"], in.Title)
		return err
	})
	if err != nil {
		return nil, err
	}
	return namespaceView(n), nil
}

func getNamespace(k *call) (any, error) {
	n, err := k.namespaceRecord()
	if err != nil {
		return nil, err
	}
	return namespaceView(n), nil
}

// deleteNamespace removes the record first, so that nobody reaches the entries any more,
// and then the entries.
func deleteNamespace(k *call) (any, error) {
	id := k.params["namespace"]
	if err := k.update(func(tx *script.Tx) error { return tx.DeleteNamespace(k.account, id) }); err != nil {
		return nil, err
	}
	return nil, k.KV.DropNamespace(k.ctx, id)
}

func (k *call) namespaceRecord() (n *script.Namespace, err error) {
	err = k.view(func(tx *script.Tx) error {
		n, err = tx.Namespace(k.account, k.params["namespace"])
		return err
	})
	return n, err
}

// namespace returns the entries of the namespace in the path, which must be the account's.
func (k *call) namespace() (*kv.Namespace, error) {
	n, err := k.namespaceRecord()
	if err != nil {
		return nil, err
	}
	return k.KV.Namespace(n.ID), nil
}
