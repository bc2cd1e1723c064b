// Package mimesniff reads and writes MIME types as the MIME Sniffing standard has it
// (https://mimesniff.spec.whatwg.org/). It knows no engine, and sniffs nothing.
package mimesniff
