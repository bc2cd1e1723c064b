// Command bench measures Mayfly beside bare fasthttp, workerd, Deno and, for what workerd
// has only with its help, miniflare.
//
// It starts each server on the loopback interface, gives all of them the same workers,
// unmodified, and puts the same load on each in turn; every answer is compared whole. The
// figure that counts is server CPU per request: user and system time of all of a server's
// processes, divided by the requests they answered. Servers take turns in rounds, and the
// round that cost a server least counts, so that what else the machine does spoils little.
// From four cores on the load has a quarter of them for itself.
//
// Bare fasthttp reads the same requests and writes the same bytes: what HTTP alone costs.
// Mayfly runs three times: as shipped (mayfly: isolates in contained processes), with
// --containment none (mayfly-none), and so with --isolation request (mayfly-request).
//
//	go run ./conformance/bench
//	go run ./conformance/bench -workers hello,hono -servers mayfly,workerd -rounds 5
//	go run ./conformance/bench -workers none -scripts 100000
//	go run ./conformance/bench -json new.json
//	go run ./conformance/bench -compare old.json new.json
//	go run ./conformance/bench -page PERFORMANCE.md,README.md new.json more.json
//	go run ./conformance/bench -workers hello,hono -servers mayfly -profile profiles
//	go run ./conformance/bench -servers mayfly,mayfly-none -pgo cmd/mayfly/default.pgo
//
// Beside the workers it measures cold starts, the restart of a server with many scripts,
// live isolates, a server of whose scripts few live, throughput on one core and on all,
// and what an overloaded server does. -page writes the sections of Markdown files that
// stand between marks, see page.go; of several files of results the first that has a
// section counts.
//
// workerd, miniflare, Deno, Hono and Preact come from npm and are kept in the user's cache
// directory. Without npm what needs them is left out, with a note.
package main
