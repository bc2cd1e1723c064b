// Package logs keeps the invocations of scripts that ask for it, with what they logged
// and threw, for seven days, and searches them.
//
// What is kept passes a bounded queue: when the store is slower than the scripts, items
// are dropped and the log says how many.
package logs
