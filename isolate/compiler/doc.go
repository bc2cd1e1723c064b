// Package compiler turns what an author uploads into a program the engine runs:
//
//	Source --BuildBundle--> Bundle --Compile--> Program
//
// BuildBundle links the modules of an upload into one script and lowers the few
// features the engine lacks; a Bundle is a plain value to store, so that a
// restart need not bundle again. Compile parses it, mends what the engine gets
// wrong, and gives a Program that all isolates share. A Cache keeps programs by
// content hash. BuildProject makes a Source of a folder on disk, as wrangler does.
//
// # What the caller supplies
//
// Running a Program yields a function.
//
// For ES modules it is called as f(register, host, importMeta) and evaluates the
// module. Without top-level await it is done when the function returns, or throws
// what the module threw. With it, it returns the promise of the evaluation: pending
// while that waits for the host, rejected with what the module threw.
//
//   - register, which Register makes, is called when the main module has been evaluated,
//     with its namespace: namespace.default and the named exports. A program that says
//     that it does not use register returns an object with them instead, or the promise
//     of one.
//   - host(name) returns the module of that name, synchronously: "cloudflare:…",
//     "node:…", Node's bare names when Source.NodeCompat is set, whatever
//     Source.Host lists, "data:NAME" for the ArrayBuffer and "wasm:NAME" for the
//     WebAssembly.Module of an uploaded module, NAME as uploaded. The same name must
//     give the same object. For any other name it throws Error with the message
//     No such module "NAME". — import() of a computed specifier that is no uploaded
//     module ends there. Named imports are properties of the object, read when used; the default
//     import is the object itself, unless it has __esModule and default.
//   - importMeta is the value of import.meta; import.meta.url is fixed. It and host
//     can be left out where the Program says that it does not use them.
//
// For a service-worker script the function is called as f(host) and runs the
// script synchronously in sloppy mode, returning nothing of use; the script calls the
// global addEventListener. Its top-level var and function declarations are
// local to it, not properties of globalThis. Host is not called today.
//
// In either form Program.Intrinsics follow as further arguments: native functions that
// the code calls in place of syntax which the engine runs slowly.
//
// Bundle.Host lists the names host is called with for static imports; computed
// ones may add to them at run time. Text and JSON modules are part of the code.
//
// The runtime must have Symbol.asyncIterator, Symbol.dispose and
// Symbol.asyncDispose before a program runs: lowered code uses them. Stacks of
// exceptions show the author's files, lines and columns, through the uploaded
// source maps too.
//
// # Hostile uploads
//
// BuildBundle and Compile refuse sources nested deeper than the stack allows, never read the
// file system, and turn panics of the libraries below them into errors. They
// still use time and memory in proportion to the upload, and more than that for
// sources made to cost it: compile other people's uploads in a contained process.
package compiler
