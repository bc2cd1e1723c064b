package kv

import "time"

func (db *DB) maintainLoop() {
	defer db.idle.Done()
	tick := time.NewTicker(db.opts.Maintenance)
	defer tick.Stop()
	for {
		select {
		case <-db.closed:
			return
		case <-tick.C:
		}
	}
}
