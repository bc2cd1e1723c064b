// https://nodejs.org/api/util.html
const { argType, argValue, coded, checkFunction, checkString, checkObject } = require('internal/errors');
const { Buffer } = require('buffer');

const kCustom = Symbol.for('nodejs.util.promisify.custom');
const kInspect = Symbol.for('nodejs.util.inspect.custom');

function inspect(value, options, depth, colors) {
  if (typeof options === 'boolean') options = { showHidden: options, depth: depth === undefined ? 2 : depth };
  const o = { ...inspect.defaultOptions, ...options };
  if (value !== null && (typeof value === 'object' || typeof value === 'function')) {
    const custom = value[kInspect];
    if (typeof custom === 'function' && custom !== inspect && o.customInspect) {
      const shown = custom.call(value, o.depth === null ? Infinity : o.depth, { ...o, stylize: (s) => String(s) }, inspect);
      if (shown !== value) return typeof shown === 'string' ? shown : inspect(shown, o);
    }
  }
  return native.inspect(value, o);
}
inspect.custom = kInspect;
inspect.defaultOptions = {
  showHidden: false, depth: 2, colors: false, customInspect: true, showProxy: false, maxArrayLength: 100,
  maxStringLength: 10000, breakLength: 128, compact: 3, sorted: false, getters: false, numericSeparator: false,
};
inspect.defaultOptions.breakLength = 80;
inspect.styles = {
  special: 'cyan', number: 'yellow', bigint: 'yellow', boolean: 'yellow', undefined: 'grey', null: 'bold', string: 'green',
  symbol: 'green', date: 'magenta', regexp: 'red', module: 'underline',
};
inspect.colors = {
  reset: [0, 0], bold: [1, 22], dim: [2, 22], italic: [3, 23], underline: [4, 24], blink: [5, 25], inverse: [7, 27],
  hidden: [8, 28], strikethrough: [9, 29], doubleunderline: [21, 24], black: [30, 39], red: [31, 39], green: [32, 39],
  yellow: [33, 39], blue: [34, 39], magenta: [35, 39], cyan: [36, 39], white: [37, 39], bgBlack: [40, 49], bgRed: [41, 49],
  bgGreen: [42, 49], bgYellow: [43, 49], bgBlue: [44, 49], bgMagenta: [45, 49], bgCyan: [46, 49], bgWhite: [47, 49],
  framed: [51, 54], overlined: [53, 55], gray: [90, 39], grey: [90, 39], blackBright: [90, 39], redBright: [91, 39],
  greenBright: [92, 39], yellowBright: [93, 39], blueBright: [94, 39], magentaBright: [95, 39], cyanBright: [96, 39],
  whiteBright: [97, 39], bgGray: [100, 49], bgGrey: [100, 49], bgBlackBright: [100, 49], bgRedBright: [101, 49],
  bgGreenBright: [102, 49], bgYellowBright: [103, 49], bgBlueBright: [104, 49], bgMagentaBright: [105, 49],
  bgCyanBright: [106, 49], bgWhiteBright: [107, 49],
};

// Values with an inspect method of their own are shown by it before the rest is formatted.
const shown = (v) => {
  if (v !== null && typeof v === 'object' && typeof v[kInspect] === 'function') {
    const text = inspect(v);
    return { text };
  }
};
function format(...args) {
  return formatWithOptions({}, ...args);
}
function formatWithOptions(options, ...args) {
  let i = typeof args[0] === 'string' ? 1 : 0;
  for (; i < args.length; i++) {
    const s = shown(args[i]);
    if (s && !(typeof args[0] === 'string' && /%[jdifc]/.test(args[0]))) args[i] = s.text;
  }
  if (typeof args[0] === 'string' || args.length === 0) return native.format(...args);
  return native.format('%O' + ' %s'.repeat(0), ...args);
}

function promisify(original) {
  checkFunction(original, 'original');
  if (original[kCustom]) {
    const fn = original[kCustom];
    if (typeof fn !== 'function') throw argType('util.promisify.custom', 'of type function', fn);
    return Object.defineProperty(fn, kCustom, { value: fn, enumerable: false, writable: false, configurable: true });
  }
  function fn(...args) {
    return new Promise((resolve, reject) => {
      Reflect.apply(original, this, [...args, (err, ...values) => (err ? reject(err) : resolve(values[0]))]);
    });
  }
  Object.setPrototypeOf(fn, Object.getPrototypeOf(original));
  Object.defineProperty(fn, kCustom, { value: fn, enumerable: false, writable: false, configurable: true });
  const props = Object.getOwnPropertyDescriptors(original);
  for (const key of Reflect.ownKeys(props)) {
    const p = props[key];
    if (key === 'prototype' || key === 'arguments' || key === 'caller') continue;
    Object.defineProperty(fn, key, p);
  }
  return fn;
}
promisify.custom = kCustom;

function callbackify(original) {
  checkFunction(original, 'original');
  function callbackified(...args) {
    const callback = args.pop();
    checkFunction(callback, 'last argument');
    const done = callback.bind(this);
    Reflect.apply(original, this, args).then(
      (value) => require('process').nextTick(done, null, value),
      (reason) => {
        if (!reason) {
          const e = coded(Error, 'ERR_FALSY_VALUE_REJECTION', 'Promise was rejected with falsy value');
          e.reason = reason;
          reason = e;
        }
        require('process').nextTick(done, reason);
      },
    );
  }
  Object.defineProperty(callbackified, 'name', { value: `${original.name}Callbackified`, configurable: true });
  Object.defineProperty(callbackified, 'length', { value: original.length + 1, configurable: true });
  return callbackified;
}

const deprecated = new Set();
function deprecate(fn, message, code) {
  let warned = false;
  function deprecatedFunction(...args) {
    if (!warned) {
      warned = true;
      if (code === undefined || !deprecated.has(code)) {
        if (code !== undefined) deprecated.add(code);
        require('process').emitWarning(message, 'DeprecationWarning', code);
      }
    }
    return new.target ? Reflect.construct(fn, args, new.target) : Reflect.apply(fn, this, args);
  }
  Object.setPrototypeOf(deprecatedFunction, fn);
  if (fn.prototype) deprecatedFunction.prototype = fn.prototype;
  return deprecatedFunction;
}

function inherits(ctor, superCtor) {
  if (ctor === undefined || ctor === null) throw argType('ctor', 'of type function', ctor);
  if (superCtor === undefined || superCtor === null) throw argType('superCtor', 'of type function', superCtor);
  if (superCtor.prototype === undefined) throw argType('superCtor.prototype', 'of type object', superCtor.prototype);
  Object.defineProperty(ctor, 'super_', { value: superCtor, writable: true, configurable: true });
  Object.setPrototypeOf(ctor.prototype, superCtor.prototype);
}

// debuglog is silent: NODE_DEBUG is not looked at.
function debuglog() {
  const log = () => {};
  log.enabled = false;
  return log;
}

function stripVTControlCharacters(str) {
  checkString(str, 'str');
  return str.replace(/[\u001B\u009B][[\]()#;?]*(?:(?:(?:(?:;[-a-zA-Z\d/#&.:=?%@~_]+)*|[a-zA-Z\d]+(?:;[-a-zA-Z\d/#&.:=?%@~_]*)*)?\u0007)|(?:(?:\d{1,4}(?:;\d{0,4})*)?[\dA-PR-TZcf-ntqry=><~]))/g, '');
}

function styleText(format, text, options) {
  checkString(text, 'text');
  const plain = !(options && options.validateStream === false); // no output of a worker's is a terminal
  let left = '';
  let right = '';
  for (const name of Array.isArray(format) ? format : [format]) {
    const codes = inspect.colors[name];
    if (codes === undefined) {
      const names = Object.keys(inspect.colors).map((s) => `'${s}'`).join(', ');
      throw coded(TypeError, 'ERR_INVALID_ARG_VALUE', `The argument 'format' must be one of: ${names}. Received ${inspect(name)}`);
    }
    left += `\u001b[${codes[0]}m`;
    right = `\u001b[${codes[1]}m${right}`;
  }
  return plain ? text : left + text + right;
}

function toUSVString(s) { return `${s}`.replace(/[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g, '\uFFFD'); }

function aborted(signal, resource) {
  if (signal === undefined || !('aborted' in signal)) return Promise.reject(argType('signal', 'an instance of AbortSignal', signal));
  if (resource === null || typeof resource !== 'object') return Promise.reject(argType('resource', 'of type object', resource));
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

const errnos = {
  E2BIG: [7, 'argument list too long'], EACCES: [13, 'permission denied'], EADDRINUSE: [98, 'address already in use'],
  EAGAIN: [11, 'resource temporarily unavailable'], EBADF: [9, 'bad file descriptor'], EBUSY: [16, 'resource busy or locked'],
  ECANCELED: [125, 'operation canceled'], ECONNABORTED: [103, 'software caused connection abort'],
  ECONNREFUSED: [111, 'connection refused'], ECONNRESET: [104, 'connection reset by peer'], EEXIST: [17, 'file already exists'],
  EHOSTUNREACH: [113, 'host is unreachable'], EINVAL: [22, 'invalid argument'], EIO: [5, 'i/o error'],
  EISDIR: [21, 'illegal operation on a directory'], EMFILE: [24, 'too many open files'], ENOENT: [2, 'no such file or directory'],
  ENOMEM: [12, 'not enough memory'], ENOTDIR: [20, 'not a directory'], ENOTEMPTY: [39, 'directory not empty'],
  ENOTSUP: [95, 'operation not supported on socket'], EPERM: [1, 'operation not permitted'], EPIPE: [32, 'broken pipe'],
  ETIMEDOUT: [110, 'connection timed out'],
};
function getSystemErrorMap() { return new Map(Object.keys(errnos).map((name) => [-errnos[name][0], [name, errnos[name][1]]])); }
function getSystemErrorName(err) {
  const found = getSystemErrorMap().get(err);
  return found ? found[0] : `Unknown system error ${err}`;
}

const is = (kind) => (v) => typeof v === 'object' && v !== null && Object.prototype.toString.call(v) === `[object ${kind}]`;

module.exports = exports = {
  _extend(target, source) { return source === null || typeof source !== 'object' ? target : Object.assign(target, source); },
  aborted, callbackify, debug: debuglog, debuglog, deprecate, format, formatWithOptions, getSystemErrorMap, getSystemErrorName,
  inherits, inspect,
  isArray: Array.isArray,
  isBoolean: (v) => typeof v === 'boolean',
  isBuffer: Buffer.isBuffer,
  isDate: is('Date'),
  isDeepStrictEqual(a, b) { return require('internal/comparison').deepEqual(a, b, true); },
  isError: (e) => native.kind(e) === 'Error' || e instanceof Error,
  isFunction: (v) => typeof v === 'function',
  isNull: (v) => v === null,
  isNullOrUndefined: (v) => v === null || v === undefined,
  isNumber: (v) => typeof v === 'number',
  isObject: (v) => v !== null && typeof v === 'object',
  isPrimitive: (v) => v === null || (typeof v !== 'object' && typeof v !== 'function'),
  isRegExp: is('RegExp'),
  isString: (v) => typeof v === 'string',
  isSymbol: (v) => typeof v === 'symbol',
  isUndefined: (v) => v === undefined,
  log(...args) { console.log('%s - %s', new Date().toISOString(), format(...args)); },
  parseArgs(config) { return require('internal/parseargs')(config); },
  promisify, stripVTControlCharacters, styleText, toUSVString,
  kind: undefined,
};
delete exports.kind;
for (const name of ['TextDecoder', 'TextEncoder']) {
  Object.defineProperty(exports, name, { enumerable: true, configurable: true, get() { return globalThis[name]; } });
}
Object.defineProperty(exports, 'MIMEType', {
  enumerable: true, configurable: true,
  get() { throw coded(Error, 'ERR_METHOD_NOT_IMPLEMENTED', 'util.MIMEType is not supported by Mayfly'); },
});
delete exports.MIMEType;

const kindIs = (...kinds) => (v) => kinds.includes(native.kind(v));
const tagIs = (tag) => (v) => v !== null && typeof v === 'object' && Object.prototype.toString.call(v) === tag;
const functionTag = (...tags) => (v) => typeof v === 'function' && tags.includes(Object.prototype.toString.call(v));
const typed = ['Int8Array', 'Uint8Array', 'Uint8ClampedArray', 'Int16Array', 'Uint16Array', 'Int32Array', 'Uint32Array',
  'Float32Array', 'Float64Array', 'BigInt64Array', 'BigUint64Array'];
const types = {
  isExternal: () => false,
  isDate: kindIs('Date'),
  isArgumentsObject: kindIs('Arguments'),
  isBigIntObject: kindIs('BigInt'),
  isBooleanObject: kindIs('Boolean'),
  isNumberObject: kindIs('Number'),
  isStringObject: kindIs('String'),
  isSymbolObject: kindIs('Symbol'),
  isBoxedPrimitive: kindIs('Number', 'String', 'Boolean', 'BigInt', 'Symbol'),
  isNativeError: kindIs('Error'),
  isRegExp: kindIs('RegExp'),
  isAsyncFunction: functionTag('[object AsyncFunction]', '[object AsyncGeneratorFunction]'),
  isGeneratorFunction: functionTag('[object GeneratorFunction]', '[object AsyncGeneratorFunction]'),
  isGeneratorObject: tagIs('[object Generator]'),
  isPromise: kindIs('Promise'),
  isMap: kindIs('Map'),
  isSet: kindIs('Set'),
  isMapIterator: tagIs('[object Map Iterator]'),
  isSetIterator: tagIs('[object Set Iterator]'),
  isWeakMap: tagIs('[object WeakMap]'),
  isWeakSet: tagIs('[object WeakSet]'),
  isArrayBuffer: kindIs('ArrayBuffer'),
  isDataView: kindIs('DataView'),
  isSharedArrayBuffer: () => false,
  isProxy: kindIs('Proxy'),
  isModuleNamespaceObject: () => false,
  isAnyArrayBuffer: kindIs('ArrayBuffer'),
  isCryptoKey: (v) => typeof CryptoKey === 'function' && v instanceof CryptoKey,
  isKeyObject: (v) => v instanceof require('crypto').KeyObject,
  isArrayBufferView: ArrayBuffer.isView,
  isTypedArray: kindIs(...typed),
};
for (const name of typed) types[`is${name}`] = kindIs(name);
exports.types = types;
