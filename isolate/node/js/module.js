// https://nodejs.org/api/module.html: the modules of a worker are those of its upload, so
// that what is made here only requires Node's own.
const { coded, argValue } = require('internal/errors');

const builtinModules = [
  'assert', 'assert/strict', 'async_hooks', 'buffer', 'child_process', 'cluster', 'console', 'constants', 'crypto', 'dgram',
  'diagnostics_channel', 'dns', 'dns/promises', 'domain', 'events', 'fs', 'fs/promises', 'http', 'http2', 'https', 'inspector',
  'inspector/promises', 'module', 'net', 'os', 'path', 'path/posix', 'path/win32', 'perf_hooks', 'process', 'punycode',
  'querystring', 'readline', 'readline/promises', 'repl', 'stream', 'stream/consumers', 'stream/promises', 'stream/web',
  'string_decoder', 'sys', 'timers', 'timers/promises', 'tls', 'trace_events', 'tty', 'url', 'util', 'util/types', 'v8', 'vm',
  'wasi', 'worker_threads', 'zlib',
];
const isBuiltin = (name) => builtinModules.includes(String(name).replace(/^node:/, '')) || ['node:test', 'node:sqlite'].includes(name);

function createRequire(filename) {
  if (typeof filename !== 'string' && !(filename instanceof URL)) throw argValue('filename', filename, 'must be a file URL object, file URL string, or absolute path string');
  const made = (id) => {
    if (!isBuiltin(id)) throw coded(Error, 'MODULE_NOT_FOUND', `Cannot find module '${id}'`);
    return require(id);
  };
  made.resolve = (id) => id;
  made.resolve.paths = () => null;
  made.cache = Object.create(null);
  made.main = undefined;
  return made;
}

function Module() {
  throw coded(Error, 'ERR_METHOD_NOT_IMPLEMENTED', 'module.Module is not supported by Mayfly');
}
Object.assign(Module, { Module, builtinModules, createRequire, isBuiltin, findSourceMap: () => undefined, syncBuiltinESMExports() {}, register() {} });
module.exports = Module;
