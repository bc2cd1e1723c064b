// Deep equality: https://nodejs.org/api/assert.html#comparison-details
const { types } = require('util');

exports.deepEqual = (a, b, strict) => equal(a, b, strict, []);

function enumerableSymbols(o) {
  return Object.getOwnPropertySymbols(o).filter((s) => Object.prototype.propertyIsEnumerable.call(o, s));
}

function kind(o) {
  if (Array.isArray(o)) return 'array';
  for (const name of ['Date', 'RegExp', 'NativeError', 'BoxedPrimitive', 'Map', 'Set', 'AnyArrayBuffer', 'ArrayBufferView', 'ArgumentsObject']) {
    if (types[`is${name}`](o)) return name;
  }
  return o instanceof Error ? 'NativeError' : 'object';
}

function equal(a, b, strict, path) {
  if (a === b) return a !== 0 || !strict || Object.is(a, b);
  if (strict) {
    if (typeof a !== 'object' || a === null || typeof b !== 'object' || b === null) return Number.isNaN(a) && Number.isNaN(b);
    if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false;
  } else {
    if (a === null || typeof a !== 'object') {
      // eslint-disable-next-line eqeqeq
      return (b === null || typeof b !== 'object') && (a == b || (Number.isNaN(a) && Number.isNaN(b)));
    }
    if (b === null || typeof b !== 'object') return false;
  }
  const what = kind(a);
  if (what !== kind(b) || Object.prototype.toString.call(a) !== Object.prototype.toString.call(b)) return false;
  let skipIndexes = false;
  switch (what) {
    case 'array':
      if (a.length !== b.length) return false;
      break;
    case 'Date':
      if (!Object.is(Date.prototype.getTime.call(a), Date.prototype.getTime.call(b))) return false;
      break;
    case 'RegExp':
      if (a.source !== b.source || a.flags !== b.flags || a.lastIndex !== b.lastIndex) return false;
      break;
    case 'NativeError':
      if (a.message !== b.message || a.name !== b.name) return false;
      for (const key of ['cause', 'errors']) {
        const has = Object.prototype.hasOwnProperty.call(a, key);
        if (has !== Object.prototype.hasOwnProperty.call(b, key) || (has && !equal(a[key], b[key], strict, path))) return false;
      }
      break;
    case 'BoxedPrimitive':
      if (!Object.is(a.valueOf(), b.valueOf())) return false;
      skipIndexes = types.isStringObject(a);
      break;
    case 'AnyArrayBuffer':
      if (!sameBytes(new Uint8Array(a), new Uint8Array(b))) return false;
      break;
    case 'ArrayBufferView':
      if (!strict && (types.isFloat32Array(a) || types.isFloat64Array(a))) {
        if (a.length !== b.length) return false;
        for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
      } else if (!sameBytes(bytes(a), bytes(b))) return false;
      skipIndexes = true;
      break;
    default:
  }
  for (const [x, y] of path) {
    if (x === a) return y === b;
    if (y === b) return false;
  }
  path.push([a, b]);
  const same = sameProperties(a, b, strict, path, skipIndexes) &&
    (what === 'Set' ? sameSets(a, b, strict, path) : what === 'Map' ? sameMaps(a, b, strict, path) : true);
  path.pop();
  return same;
}

const bytes = (view) => new Uint8Array(view.buffer, view.byteOffset, view.byteLength);

function sameBytes(a, b) {
  return a.length === b.length && require('buffer').Buffer.compare(a, b) === 0;
}

function sameProperties(a, b, strict, path, skipIndexes) {
  const own = (o) => (skipIndexes ? Object.keys(o).filter((k) => !/^(0|[1-9]\d*)$/.test(k)) : Object.keys(o));
  const keys = own(a);
  if (keys.length !== own(b).length) return false;
  for (const key of keys) if (!Object.prototype.propertyIsEnumerable.call(b, key)) return false;
  if (strict) {
    const symbols = enumerableSymbols(a);
    if (symbols.length !== enumerableSymbols(b).length) return false;
    for (const s of symbols) if (!Object.prototype.propertyIsEnumerable.call(b, s)) return false;
    keys.push(...symbols);
  }
  for (const key of keys) if (!equal(a[key], b[key], strict, path)) return false;
  return true;
}

function sameSets(a, b, strict, path) {
  if (a.size !== b.size) return false;
  const rest = [];
  for (const v of b) if (!a.has(v) || (!strict && typeof v !== 'object')) rest.push(v);
  for (const v of a) {
    if (b.has(v) && (strict || typeof v === 'object')) continue;
    const i = rest.findIndex((w) => equal(v, w, strict, path));
    if (i < 0) return false;
    rest.splice(i, 1);
  }
  return rest.length === 0;
}

function sameMaps(a, b, strict, path) {
  if (a.size !== b.size) return false;
  const rest = [];
  for (const entry of b) if (!a.has(entry[0])) rest.push(entry);
  for (const [key, value] of a) {
    if (b.has(key)) {
      if (!equal(value, b.get(key), strict, path)) return false;
      continue;
    }
    const i = rest.findIndex(([k, v]) => equal(key, k, strict, path) && equal(value, v, strict, path));
    if (i < 0) return false;
    rest.splice(i, 1);
  }
  return rest.length === 0;
}
