package router

import "sync/atomic"

// A Router holds the current table. The zero value knows no host. It is safe for use by
// many goroutines.
type Router struct {
	table atomic.Pointer[Table]
}

// Swap makes table the current one for every Match that begins after it.
func (r *Router) Swap(table *Table) { r.table.Store(table) }

// Table returns the current table; it is never nil.
func (r *Router) Table() *Table {
	if t := r.table.Load(); t != nil {
		return t
	}
	return &Table{suffixes: &node[site]{best: noRank}}
}

// Match is [Table.Match] of the current table.
func (r *Router) Match(https bool, host, target []byte) (Match, error) {
	return r.Table().Match(https, host, target)
}
