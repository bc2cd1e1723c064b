// Package fetch is the Fetch standard's API: Headers, Request, Response and fetch().
// https://fetch.spec.whatwg.org/
//
// HeaderList and the body of a message are plain Go; the classes are thin layers over
// them. A message that only passes through a worker is never taken apart: its headers
// become JavaScript objects when a script looks at them, and its body stays a Go
// stream until a script reads it.
package fetch
