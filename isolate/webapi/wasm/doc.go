// Package wasm is the WebAssembly JavaScript Interface (https://webassembly.github.io/spec/js-api/)
// on wazero.
//
// As on Workers, machine code is made only of modules that were uploaded with the
// script: NewModule gives their WebAssembly.Module, and compiling bytes at run time is
// refused.
//
// # How modules are run
//
// The code of a module is compiled once in a process and shared by all isolates
// (engine). Before that its bytes are rewritten (rewrite): imports are numbered, the
// start function becomes an export that Go calls, and every function that a reference
// could be made to is exported and listed in a table of its own, by which Go knows
// references again. An instance's imports come from a small generated module, the glue,
// which gathers them from wherever they live and holds the stubs that call JavaScript.
// Memories, tables and globals that scripts make are small generated modules too.
//
// All state that belongs to one isolate is in its machine: the bytes of memory in use,
// what instances exist, and what function and external references stand for. An
// instance that scripts have let go of is closed when the next ones are made.
//
// # Limits
//
// Memory counts against the isolate's limit. A call runs under a context that ends when
// the isolate is interrupted; the interrupt then ends the turn, whatever the script
// would catch. Modules get nothing but what the script gives them: there is no WASI.
package wasm
