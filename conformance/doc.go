// Package conformance holds Mayfly to what workers expect of it.
//
// Its own cases are small workers with the requests made of them and the answers they
// must give, run on a whole server: in go test, and by "mayfly conformance". Package wpt
// runs web-platform-tests, whose known failures are in expectations/. The tests of this
// package also state who may import whom.
package conformance
