// Package wrangler drives the real, unmodified wrangler against the real server, in two
// versions. It has tests only.
//
// The files testdata/*.script are the commands, the same for both versions; what they
// print is in testdata/VERSION, as a person would see it in a terminal. A script has
// these lines:
//
//	# text               a remark, copied to the transcript
//	$ command            is run by the shell and must succeed; "! $ command" must fail
//	watch command        runs wrangler tail, the indented lines below it once it is
//	                     connected, and interrupts it when it prints the text of the
//	                     line "until TEXT"
//	write FILE           writes the indented lines below it to a file of the project
//	want TEXT            what the command before has printed must contain this
//	set NAME = PATTERN   names the first group of the pattern in what it has printed,
//	                     which is <NAME> from there on in commands, files and transcripts
//
// The server's addresses are 127.0.0.1:8787 and :8788 there. Rewrite the transcripts with
//
//	go test ./conformance/wrangler -update
//
// The tests need curl and npm; MAYFLY_REQUIRE_NPM=1 turns their being skipped into a
// failure. MAYFLY_WRANGLER_DIR names a directory in which what is installed from npm is
// kept from one run to the next.
package wrangler
