// https://nodejs.org/api/zlib.html. Decompression streams give their output when their
// input has ended.
const { Transform } = require('stream');
const { Buffer } = require('buffer');
const { argType, coded, checkFunction, outOfRange } = require('internal/errors');

const constants = {
  Z_NO_FLUSH: 0, Z_PARTIAL_FLUSH: 1, Z_SYNC_FLUSH: 2, Z_FULL_FLUSH: 3, Z_FINISH: 4, Z_BLOCK: 5, Z_OK: 0, Z_STREAM_END: 1,
  Z_NEED_DICT: 2, Z_ERRNO: -1, Z_STREAM_ERROR: -2, Z_DATA_ERROR: -3, Z_MEM_ERROR: -4, Z_BUF_ERROR: -5, Z_VERSION_ERROR: -6,
  Z_NO_COMPRESSION: 0, Z_BEST_SPEED: 1, Z_BEST_COMPRESSION: 9, Z_DEFAULT_COMPRESSION: -1, Z_FILTERED: 1, Z_HUFFMAN_ONLY: 2,
  Z_RLE: 3, Z_FIXED: 4, Z_DEFAULT_STRATEGY: 0, ZLIB_VERNUM: 4880, DEFLATE: 1, INFLATE: 2, GZIP: 3, GUNZIP: 4, DEFLATERAW: 5,
  INFLATERAW: 6, UNZIP: 7, BROTLI_DECODE: 8, BROTLI_ENCODE: 9, Z_MIN_WINDOWBITS: 8, Z_MAX_WINDOWBITS: 15, Z_DEFAULT_WINDOWBITS: 15,
  Z_MIN_CHUNK: 64, Z_MAX_CHUNK: Infinity, Z_DEFAULT_CHUNK: 16384, Z_MIN_MEMLEVEL: 1, Z_MAX_MEMLEVEL: 9, Z_DEFAULT_MEMLEVEL: 8,
  Z_MIN_LEVEL: -1, Z_MAX_LEVEL: 9, Z_DEFAULT_LEVEL: -1, BROTLI_OPERATION_PROCESS: 0, BROTLI_OPERATION_FLUSH: 1,
  BROTLI_OPERATION_FINISH: 2, BROTLI_PARAM_MODE: 0, BROTLI_MODE_GENERIC: 0, BROTLI_MODE_TEXT: 1, BROTLI_MODE_FONT: 2,
  BROTLI_DEFAULT_MODE: 0, BROTLI_PARAM_QUALITY: 1, BROTLI_MIN_QUALITY: 0, BROTLI_MAX_QUALITY: 11, BROTLI_DEFAULT_QUALITY: 11,
  BROTLI_PARAM_LGWIN: 2, BROTLI_MIN_WINDOW_BITS: 10, BROTLI_MAX_WINDOW_BITS: 24, BROTLI_DEFAULT_WINDOW: 22, BROTLI_PARAM_SIZE_HINT: 5,
};

const limit = 128 * 1024 * 1024;

function levelOf(format, options = {}) {
  if (format === 'brotli') {
    const q = options.params && options.params[constants.BROTLI_PARAM_QUALITY];
    return q === undefined ? 6 : q;
  }
  const { level } = options;
  if (level === undefined) return -1;
  if (typeof level !== 'number') throw argType('options.level', 'of type number', level);
  if (!(level >= -1 && level <= 9)) outOfRange('options.level', '>= -1 and <= 9', level);
  return level;
}

function input(data) {
  if (typeof data === 'string' || ArrayBuffer.isView(data) || Buffer.isBuffer(data) || Object.prototype.toString.call(data) === '[object ArrayBuffer]') return data;
  throw argType('buffer', 'of type string or an instance of Buffer, TypedArray, DataView, or ArrayBuffer', data);
}

const most = (options) => (options && options.maxOutputLength !== undefined ? options.maxOutputLength : limit);

class Zlib extends Transform {
  constructor(format, compresses, options) {
    super({ ...options, objectMode: false, readableObjectMode: false, writableObjectMode: false });
    this.bytesWritten = 0;
    this.format = format;
    this.options = options;
    if (compresses) this.push_ = native.stream(format, levelOf(format, options));
    else this.chunks = [];
  }
  _transform(chunk, encoding, callback) {
    this.bytesWritten += chunk.length;
    if (this.chunks) {
      this.chunks.push(chunk);
      return callback();
    }
    const out = this.push_(chunk, this.options && this.options.flush === constants.Z_SYNC_FLUSH);
    callback(null, out.length ? out : undefined);
  }
  _flush(callback) {
    try {
      let out;
      if (this.chunks) {
        if (this.chunks.length === 0) return callback();
        out = native.decompress(this.format, Buffer.concat(this.chunks), most(this.options));
      } else out = this.push_();
      callback(null, out.length ? out : undefined);
    } catch (e) {
      callback(e);
    }
  }
  flush(kind, callback) {
    if (typeof kind === 'function') callback = kind;
    if (this.push_ && !this.writableEnded) {
      const out = this.push_(Buffer.alloc(0), true);
      if (out.length) this.push(out);
    }
    if (callback) require('process').nextTick(callback);
  }
  params(level, strategy, callback) { if (callback) require('process').nextTick(callback); }
  reset() { if (this.chunks) this.chunks = []; }
  close(callback) {
    if (callback) this.once('close', callback);
    this.destroy();
  }
  get bytesRead() { return this.bytesWritten; }
}

exports.constants = constants;
exports.codes = {
  Z_OK: 0, Z_STREAM_END: 1, Z_NEED_DICT: 2, Z_ERRNO: -1, Z_STREAM_ERROR: -2, Z_DATA_ERROR: -3, Z_MEM_ERROR: -4, Z_BUF_ERROR: -5,
  Z_VERSION_ERROR: -6, 0: 'Z_OK', 1: 'Z_STREAM_END', 2: 'Z_NEED_DICT', '-1': 'Z_ERRNO', '-2': 'Z_STREAM_ERROR',
  '-3': 'Z_DATA_ERROR', '-4': 'Z_MEM_ERROR', '-5': 'Z_BUF_ERROR', '-6': 'Z_VERSION_ERROR',
};

for (const [name, Class, format, compresses] of [
  ['deflate', 'Deflate', 'deflate', true], ['inflate', 'Inflate', 'deflate', false],
  ['gzip', 'Gzip', 'gzip', true], ['gunzip', 'Gunzip', 'gzip', false],
  ['deflateRaw', 'DeflateRaw', 'raw', true], ['inflateRaw', 'InflateRaw', 'raw', false],
  ['unzip', 'Unzip', 'unzip', false],
  ['brotliCompress', 'BrotliCompress', 'brotli', true], ['brotliDecompress', 'BrotliDecompress', 'brotli', false],
]) {
  const once = (data, options) => (compresses
    ? native.compress(format, input(data), levelOf(format, options))
    : native.decompress(format, input(data), most(options)));
  exports[`${name}Sync`] = once;
  exports[name] = function (data, options, callback) {
    if (typeof options === 'function') {
      callback = options;
      options = {};
    }
    checkFunction(callback, 'callback');
    input(data);
    require('process').nextTick(() => {
      let out;
      try { out = once(data, options); } catch (e) { return callback(e); }
      callback(null, out);
    });
  };
  const make = { [Class]: class extends Zlib { constructor(options) { super(format, compresses, options); } } }[Class];
  // It may be called without new.
  const callable = function (options) { return new make(options); };
  Object.defineProperty(callable, 'name', { value: Class });
  callable.prototype = make.prototype;
  Object.setPrototypeOf(callable, Zlib);
  exports[Class] = callable;
  exports[`create${Class}`] = (options) => new make(options);
}
exports.crc32 = (data, value = 0) => native.crc32(data, value);
for (const name of Object.keys(constants)) if (name.startsWith('Z_') && !(name in exports)) Object.defineProperty(exports, name, { value: constants[name], enumerable: false });
