// Package webcrypto is the Web Cryptography API (https://w3c.github.io/webcrypto/)
// with the extensions of Workers: MD5, timingSafeEqual and DigestStream.
//
// All work is done on the isolate's turn, where it is charged to the worker's CPU
// time, and promises are settled before the operation returns.
package webcrypto
