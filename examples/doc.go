// Package examples holds workers to try and to begin from. The transcripts in their
// READMEs are replayed by this package's test.
package examples
