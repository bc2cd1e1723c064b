package cache

import (
	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// StorageClass is the CacheStorage interface, as far as Workers have it.
// https://w3c.github.io/ServiceWorker/#cachestorage-interface
var StorageClass = &webidl.Class[*storage]{
	Name: "CacheStorage",
	Members: []webidl.Member[*storage]{
		webidl.Op1("open", (*storage).open, webidl.DOMString),
		webidl.ReadOnly("default", (*storage).standard),
	},
}

type storage struct {
	webidl.Handle
	main *cache // made when first asked for
}

// open: https://w3c.github.io/ServiceWorker/#cache-storage-open
func (s *storage) open(js *webidl.Realm, name string) (*webidl.Promise, error) {
	if name == "" {
		return nil, webidl.TypeError("The name of a cache cannot be empty.")
	}
	return webidl.Resolved(js, Class.Wrap(js, &cache{name: name})), nil
}

// standard is Workers' own: the cache that needs no name.
func (s *storage) standard(js *webidl.Realm) (*goja.Object, error) {
	if s.main == nil {
		s.main = &cache{}
	}
	return Class.Wrap(js, s.main), nil
}

// Globals is what the package puts in the global scope.
var Globals = []webidl.Global{
	webidl.Expose(Class),
	webidl.Expose(StorageClass),
	webidl.GlobalObject("caches", func(js *webidl.Realm) goja.Value { return StorageClass.Wrap(js, &storage{}) }),
}
