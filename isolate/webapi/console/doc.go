// Package console is the Console standard (https://console.spec.whatwg.org/). Values
// are shown as Node.js shows them (https://nodejs.org/api/util.html#utilinspectobject-options).
//
// What is logged goes to the realm's Sink, as text and as JSON. Neither runs a
// script's code: getters are not called, proxies not asked; both are bounded.
package console
