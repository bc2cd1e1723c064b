// Command bench measures Mayfly beside bare fasthttp and workerd.
//
// It starts each server on the loopback interface, gives all of them the same workers,
// and puts the same load on each in turn. The figure that counts is server CPU per
// request: user and system time of all of a server's processes, divided by the requests
// they answered. Servers take turns in rounds, and the round that cost a server least
// counts, so that what else the machine does spoils little.
//
//	go run ./conformance/bench
//	go run ./conformance/bench -workers hello -servers mayfly,fasthttp -rounds 5
//	go run ./conformance/bench -json new.json
//	go run ./conformance/bench -compare old.json new.json
//
// workerd, miniflare (whose KV stands for workerd's, which has none of its own) and
// Hono come from npm and are kept in the user's cache directory. Without npm their rows
// are left out, with a note.
package main
