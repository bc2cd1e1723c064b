// Package asymmetric is the public-key cryptography that Web Crypto and node:crypto are
// made of, as far as Go's own packages lack it: keys in all their encodings, RSA with the
// paddings that are left to old protocols, and the finite-field Diffie-Hellman groups. It
// knows no JavaScript.
package asymmetric
