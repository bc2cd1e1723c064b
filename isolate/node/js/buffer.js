const { argType, argValue, coded } = require('internal/errors');
const inspectCustom = Symbol.for('nodejs.util.inspect.custom');

class FastBuffer extends Uint8Array {}

function Buffer(value, encodingOrOffset, length) {
  if (typeof value === 'number') {
    if (typeof encodingOrOffset === 'string') throw argType('string', 'of type string', value);
    return Buffer.alloc(value);
  }
  return Buffer.from(value, encodingOrOffset, length);
}

const proto = FastBuffer.prototype;
const hide = (o, name, value) => Object.defineProperty(o, name, { value, writable: true, configurable: true, enumerable: false });

Object.setPrototypeOf(Buffer, Uint8Array);
Object.defineProperty(Buffer, 'prototype', { value: proto, writable: false });
hide(proto, 'constructor', Buffer);
Object.defineProperty(Buffer, Symbol.species, { configurable: true, get() { return FastBuffer; } });
native.setPrototype(proto);
for (const name of Object.getOwnPropertyNames(native.methods)) hide(proto, name, native.methods[name]);
hide(proto, 'toLocaleString', proto.toString);

Buffer.poolSize = 8192;

Buffer.from = function from(value, encodingOrOffset, length) {
  if (typeof value === 'string') {
    return native.fromString(value, typeof encodingOrOffset === 'string' && encodingOrOffset.length > 0 ? encodingOrOffset : undefined);
  }
  if (typeof value === 'object' && value !== null) {
    if (isAnyArrayBuffer(value)) return fromArrayBuffer(value, encodingOrOffset, length);
    const primitive = value.valueOf && value.valueOf();
    if (primitive != null && primitive !== value && (typeof primitive === 'string' || typeof primitive === 'object')) {
      return Buffer.from(primitive, encodingOrOffset, length);
    }
    const made = fromObject(value);
    if (made) return made;
    if (typeof value[Symbol.toPrimitive] === 'function') {
      const text = value[Symbol.toPrimitive]('string');
      if (typeof text === 'string') return native.fromString(text, encodingOrOffset);
    }
  }
  throw coded(TypeError, 'ERR_INVALID_ARG_TYPE', 'The first argument must be of type string or an instance of Buffer, ArrayBuffer, or Array or an Array-like Object.' + native_received(value));
};

const native_received = (v) => require('internal/errors').received(v);

function isAnyArrayBuffer(v) {
  return native.isArrayBuffer(v);
}

function fromArrayBuffer(buffer, offset, length) {
  if (offset === undefined) offset = 0;
  else {
    offset = +offset;
    if (Number.isNaN(offset)) offset = 0;
  }
  const most = buffer.byteLength - offset;
  if (most < 0) throw coded(RangeError, 'ERR_BUFFER_OUT_OF_BOUNDS', '"offset" is outside of buffer bounds');
  if (length === undefined) length = most;
  else {
    length = +length;
    if (length > 0) {
      if (length > most) throw coded(RangeError, 'ERR_BUFFER_OUT_OF_BOUNDS', '"length" is outside of buffer bounds');
    } else length = 0;
  }
  return new FastBuffer(buffer, length > 0 ? offset : 0, length);
}

function fromObject(value) {
  if (native.isBytes(value)) return native.fromBytes(value);
  if (value.length !== undefined || isAnyArrayBuffer(value.buffer)) {
    if (typeof value.length !== 'number') return native.alloc(0);
    return fromArrayLike(value);
  }
  if (value.type === 'Buffer' && Array.isArray(value.data)) return fromArrayLike(value.data);
}

function fromArrayLike(list) {
  if (list.length <= 0) return native.alloc(0);
  const b = native.alloc(list.length);
  for (let i = 0; i < b.length; i++) b[i] = list[i];
  return b;
}

function checkSize(size) {
  if (typeof size !== 'number') throw argType('size', 'of type number', size);
}

Buffer.alloc = function alloc(size, fill, encoding) {
  const b = native.alloc(size);
  if (fill !== undefined && fill !== 0 && size > 0) {
    return typeof encoding === 'string' ? b.fill(fill, encoding) : b.fill(fill);
  }
  return b;
};
Buffer.allocUnsafe = function allocUnsafe(size) { checkSize(size); return native.alloc(size); };
Buffer.allocUnsafeSlow = function allocUnsafeSlow(size) { checkSize(size); return native.alloc(size); };
Buffer.of = function of(...items) { return fromArrayLike(items); };
Buffer.isBuffer = function isBuffer(b) { return b instanceof Buffer; };
Buffer.isEncoding = native.isEncoding;
Buffer.byteLength = native.byteLength;
Buffer.compare = native.compare;
Buffer.concat = function concat(list, length) {
  if (!Array.isArray(list)) throw argType('list', 'an instance of Array', list);
  return native.concat(list, length);
};
Buffer.copyBytesFrom = function copyBytesFrom(view, offset, length) {
  if (!ArrayBuffer.isView(view) || Object.prototype.toString.call(view) === '[object DataView]') throw argType('view', 'an instance of TypedArray', view);
  const start = offset === undefined ? 0 : offset;
  const part = view.subarray(start, length === undefined ? view.length : start + length);
  return native.fromBytes(part);
};

const index = (v, length, missing) => {
  if (v === undefined) return missing;
  v = Math.trunc(+v) || 0;
  if (v < 0) return Math.max(0, v + length);
  return Math.min(v, length);
};
hide(proto, 'subarray', function subarray(start, end) {
  const from = index(start, this.length, 0);
  const to = index(end, this.length, this.length);
  // The engine must not be given a view that begins behind the end of its buffer.
  return from < to ? new FastBuffer(this.buffer, this.byteOffset + from, to - from) : new FastBuffer(this.buffer, 0, 0);
});
hide(proto, 'slice', function slice(start, end) { return this.subarray(start, end); });
hide(proto, 'toJSON', function toJSON() {
  return { type: 'Buffer', data: Array.from(this) };
});
hide(proto, inspectCustom, function inspect(depth, options) {
  const most = exports.INSPECT_MAX_BYTES;
  let text = this.toString('hex', 0, most).replace(/(.{2})/g, '$1 ').trim();
  const rest = this.length - most;
  if (rest > 0) text += ` ... ${rest} more byte${rest > 1 ? 's' : ''}`;
  return `<Buffer ${text}>`;
});
hide(proto, 'inspect', proto[inspectCustom]);
for (const [name, property] of [['parent', 'buffer'], ['offset', 'byteOffset']]) {
  Object.defineProperty(proto, name, { enumerable: true, get() { return this instanceof Buffer ? this[property] : undefined; } });
}

function SlowBuffer(size) { return Buffer.allocUnsafeSlow(size); }
Object.setPrototypeOf(SlowBuffer, Uint8Array);
SlowBuffer.prototype = proto;

const kMaxLength = 128 * 1024 * 1024;
const kStringMaxLength = 536870888;

module.exports = exports = {
  Buffer,
  SlowBuffer,
  kMaxLength,
  kStringMaxLength,
  constants: { MAX_LENGTH: kMaxLength, MAX_STRING_LENGTH: kStringMaxLength },
  INSPECT_MAX_BYTES: 50,
  transcode: native.transcode,
  isUtf8: native.isUtf8,
  isAscii: native.isAscii,
  resolveObjectURL() { return undefined; },
};
for (const name of ['Blob', 'File', 'atob', 'btoa']) {
  Object.defineProperty(exports, name, { enumerable: true, configurable: true, get() { return globalThis[name]; } });
}
