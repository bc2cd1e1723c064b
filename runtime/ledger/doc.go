// Package ledger counts what every script uses and says what it costs.
//
// [Ledger.Record] takes the Report of each finished invocation and adds it to counters in
// memory, kept apart per core. Twice a second the counters that moved are added to rows
// in the store, one per account, script, version and minute, in one transaction; what is
// lost when the process is killed is what came after the last of these. Full hours are
// summed up into hour rows and full days into day rows; a sum is written as a whole, never
// added to, so doing it again after a crash changes nothing.
//
// Minutes are kept for 48 hours, hours for 90 days, days for ever.
//
// An invocation belongs to the minute in which it ended. One that is reported after its
// hour was summed up counts in the hour that is open then.
//
// Money is exact: all amounts are integers of a billionth of a dollar, and only an amount
// shown to a person is rounded.
package ledger
