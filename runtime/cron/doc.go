// Package cron runs scheduled events.
//
// A [Schedule] is a parsed cron expression in Cloudflare's syntax, always in UTC:
// https://developers.cloudflare.com/workers/configuration/cron-triggers/
//
// A [Scheduler] starts the triggers it was given when they are due. One trigger never runs
// twice at once: a time that comes while it is still running is passed over. The time up to
// which a trigger was started is kept in the store, so that whatever was missed while
// the server was down is made up for by one run. The last 100 runs of each script are
// kept as well.
package cron
