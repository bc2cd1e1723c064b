package control

import (
	"github.com/mayfly-edge/mayfly/runtime/script"
)

// getUsage answers what the account's scripts used.
func getUsage(k *call) (any, error) {
	if k.Usage == nil {
		return nil, unsupported("Usage is")
	}
	return k.Usage.Usage(k.ctx, k.account, k.query)
}

// getInvoice answers what that costs by a price plan.
func getInvoice(k *call) (any, error) {
	if k.Usage == nil {
		return nil, unsupported("Usage is")
	}
	return k.Usage.Invoice(k.ctx, k.account, k.query)
}

// listAudit lists the account's audit log, newest first.
func listAudit(k *call) (any, error) {
	limit, err := k.number("limit", 100, 1, 1000)
	if err != nil {
		return nil, err
	}
	entries := []script.AuditEntry{}
	err = k.view(func(tx *script.Tx) error {
		found, err := tx.Audit(k.account, k.query.Get("cursor"), limit)
		entries = append(entries, found...)
		return err
	})
	if err != nil {
		return nil, err
	}
	cursor := ""
	if len(entries) == limit {
		cursor = entries[limit-1].ID
	}
	return page{entries, resultInfo{Count: len(entries), Cursor: &cursor}}, nil
}
