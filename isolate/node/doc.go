// Package node offers the modules of Node.js that workers may import as node:events,
// node:buffer and so on (https://developers.cloudflare.com/workers/runtime-apis/nodejs/).
//
// A module is a file of JavaScript in the folder js, compiled once per process when
// first imported and run once per realm that imports it. What must be fast or cannot be
// done in JavaScript, such as the Buffer class's methods, hashes and AsyncLocalStorage,
// is Go and handed to the file as its native object.
//
// A file is the body of a function of four parameters: exports, require, module and
// native. It is parsed by the engine without being lowered, so it uses no async
// generators, no for await, no property escapes in regular expressions and no
// arguments object.
//
// Modules that a worker has no use for, such as node:net, can be imported, as packages
// do that only use them elsewhere; whatever is called in them throws.
package node
