package ledger

import "time"

// A Quota bounds what an account uses in a billing period; the zero value bounds nothing.
type Quota struct {
	// RequestsPerDay is how many billed requests an account has per day, from midnight to
	// midnight UTC. 0 is without limit.
	RequestsPerDay int64
}

// Exceeded tells whether an account has spent its quota. It follows what was recorded
// within one flush, allocates nothing and waits for nothing.
func (l *Ledger) Exceeded(account string) bool {
	spent := l.spent.Load()
	return spent != nil && (*spent)[account]
}

// loadQuota counts what accounts used today before the process was started.
func (l *Ledger) loadQuota() error {
	if l.opts.Quota == nil {
		return nil
	}
	now := l.opts.Now().UTC()
	midnight := now.Truncate(24 * time.Hour)
	res, err := l.Usage(Query{From: midnight, To: midnight.Add(24 * time.Hour)})
	if err != nil {
		return err
	}
	l.flushes.Lock()
	defer l.flushes.Unlock()
	l.day = minuteOf(midnight)
	for _, r := range res.Rows {
		l.today[r.Account] += r.Requests
	}
	l.updateSpent()
	return nil
}

// countToday counts towards the quota. flushes is held.
func (l *Ledger) countToday(r row, requests int64) {
	if l.opts.Quota == nil {
		return
	}
	if day := floor(r.minute, days.span); day > l.day {
		l.day = day
		clear(l.today)
	} else if day < l.day {
		return
	}
	l.today[r.account] += requests
}

// updateSpent publishes who has nothing left. flushes is held.
func (l *Ledger) updateSpent() {
	if l.opts.Quota == nil {
		return
	}
	if day := floor(minuteOf(l.opts.Now()), days.span); day > l.day {
		l.day = day
		clear(l.today)
	}
	spent := make(map[string]bool)
	for account, n := range l.today {
		if q := l.opts.Quota(account); q.RequestsPerDay > 0 && n >= q.RequestsPerDay {
			spent[account] = true
		}
	}
	l.spent.Store(&spent)
}
