// https://nodejs.org/api/process.html, as far as there is a process to speak of.
const EventEmitter = require('events');
const { argType, argValue, coded, checkFunction } = require('internal/errors');

const process = Object.create(Object.create(EventEmitter.prototype, {
  constructor: { value: function process() {}, writable: true, configurable: true },
}));
EventEmitter.call(process);
module.exports = process;

const missing = (name) => function () {
  throw coded(Error, 'ERR_METHOD_NOT_IMPLEMENTED', `process.${name} is not supported by Mayfly: a worker has no process of its own`);
};

let env;
Object.defineProperty(process, 'env', {
  enumerable: true, configurable: true,
  get() { return (env = env || makeEnv()); },
  set(v) { env = v; },
});
// As in a process's environment, what is set becomes a string.
function makeEnv() {
  return new Proxy(native.env(), {
    set(target, key, value) {
      if (typeof key === 'symbol' || typeof value === 'symbol') throw new TypeError('Cannot convert a Symbol value to a string');
      target[key] = `${value}`;
      return true;
    },
    defineProperty(target, key, d) {
      if ('value' in d) d = { value: `${d.value}`, writable: true, enumerable: true, configurable: true };
      return Reflect.defineProperty(target, key, d);
    },
  });
}

function hrtime(before) {
  const now = native.now();
  let seconds = Math.floor(now / 1000);
  let nanos = Math.round((now - seconds * 1000) * 1e6);
  if (before !== undefined) {
    if (!Array.isArray(before)) throw argType('time', 'an instance of Array', before);
    seconds -= before[0];
    nanos -= before[1];
    if (nanos < 0) {
      seconds--;
      nanos += 1e9;
    }
  }
  return [seconds, nanos];
}
hrtime.bigint = () => BigInt(Math.round(native.now() * 1e6));

function emitWarning(warning, type, code, ctor) {
  let detail;
  if (type !== null && typeof type === 'object' && !Array.isArray(type)) {
    ({ type, code, detail } = type);
  } else if (typeof type === 'function') type = undefined;
  if (typeof warning === 'string') {
    warning = new Error(warning);
    warning.name = String(type || 'Warning');
    if (typeof code === 'string') warning.code = code;
    if (typeof detail === 'string') warning.detail = detail;
  } else if (!(warning instanceof Error)) throw argType('warning', 'of type string or an instance of Error', warning);
  if (warning.name === 'DeprecationWarning' && process.noDeprecation) return;
  process.nextTick(() => {
    if (!process.emit('warning', warning)) {
      console.warn(`(mayfly) ${warning.code ? `[${warning.code}] ` : ''}${warning.name}: ${warning.message}`);
    }
  });
}

Object.assign(process, {
  title: 'mayfly',
  version: 'v22.19.0',
  versions: { node: '22.19.0' },
  arch: 'x64',
  platform: 'linux',
  argv: ['workerd'],
  argv0: 'workerd',
  execArgv: [],
  execPath: '',
  pid: 1,
  ppid: 0,
  exitCode: undefined,
  debugPort: 0,
  noDeprecation: false,
  throwDeprecation: false,
  features: {
    inspector: false, debug: false, uv: false, ipv6: true, tls_alpn: true, tls_sni: true, tls_ocsp: true, tls: true,
    cached_builtins: true,
  },
  config: { target_defaults: {}, variables: {} },
  release: { name: 'node', lts: true },
  report: undefined,
  hrtime,
  emitWarning,
  nextTick(callback, ...args) {
    checkFunction(callback, 'callback');
    if (args.length === 0) queueMicrotask(callback);
    else queueMicrotask(() => callback(...args));
  },
  cwd: () => '/',
  umask: () => 18,
  uptime: () => native.now() / 1000,
  memoryUsage: Object.assign(() => ({ rss: 0, heapTotal: 0, heapUsed: 0, external: 0, arrayBuffers: 0 }), { rss: () => 0 }),
  cpuUsage: () => ({ user: 0, system: 0 }),
  resourceUsage: () => ({ userCPUTime: 0, systemCPUTime: 0, maxRSS: 0 }),
  constrainedMemory: () => 128 * 1024 * 1024,
  availableMemory: () => 128 * 1024 * 1024,
  getuid: () => 0,
  geteuid: () => 0,
  getgid: () => 0,
  getegid: () => 0,
  getgroups: () => [0],
  exit(code) {
    throw coded(Error, 'ERR_WORKER_EXIT', `process.exit(${code === undefined ? '' : code}) was called: a worker cannot end its process`);
  },
  abort: missing('abort'),
  binding: missing('binding'),
  chdir: missing('chdir'),
  dlopen: missing('dlopen'),
  kill: missing('kill'),
  loadEnvFile: missing('loadEnvFile'),
  setuid: missing('setuid'),
  setgid: missing('setgid'),
  getBuiltinModule(id) {
    try { return require(id); } catch { return undefined; }
  },
  hasUncaughtExceptionCaptureCallback: () => false,
  setUncaughtExceptionCaptureCallback: missing('setUncaughtExceptionCaptureCallback'),
  setSourceMapsEnabled() {},
  allowedNodeEnvironmentFlags: new Set(),
});

// What is written to the standard streams goes to the worker's log, line by line.
for (const [name, method] of [['stdout', 'log'], ['stderr', 'error']]) {
  let stream;
  Object.defineProperty(process, name, {
    enumerable: true, configurable: true,
    get() {
      if (!stream) {
        const { Writable } = require('stream');
        stream = new Writable({
          decodeStrings: false,
          write(chunk, encoding, done) {
            console[method](String(chunk).replace(/\n$/, ''));
            done();
          },
        });
        stream.fd = name === 'stdout' ? 1 : 2;
        stream.isTTY = false;
      }
      return stream;
    },
  });
}
let stdin;
Object.defineProperty(process, 'stdin', {
  enumerable: true, configurable: true,
  get() {
    if (!stdin) {
      const { Readable } = require('stream');
      stdin = new Readable({ read() { this.push(null); } });
      stdin.fd = 0;
      stdin.isTTY = false;
    }
    return stdin;
  },
});
Object.defineProperty(process, Symbol.toStringTag, { value: 'process', configurable: true });
