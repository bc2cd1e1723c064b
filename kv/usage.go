package kv

// Usage is how much a namespace holds.
type Usage struct {
	Keys  int64 // live and expired keys not yet removed
	Bytes int64 // of keys, values and metadata
}
