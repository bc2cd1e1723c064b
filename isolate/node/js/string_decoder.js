// https://nodejs.org/api/string_decoder.html
const { Buffer } = require('buffer');
const { argType, coded } = require('internal/errors');

// A StringDecoder keeps the bytes of a character that has not come to its end.
function StringDecoder(encoding) {
  const name = native.charset(encoding === undefined || encoding === null || encoding === '' ? 'utf8' : String(encoding));
  if (name === undefined) throw coded(TypeError, 'ERR_UNKNOWN_ENCODING', `Unknown encoding: ${encoding}`);
  this.encoding = name;
  Object.defineProperty(this, 'kept', { value: Buffer.alloc(0), writable: true, enumerable: false });
}

StringDecoder.prototype.write = function write(chunk) {
  if (typeof chunk === 'string') return chunk;
  if (!ArrayBuffer.isView(chunk)) throw argType('buf', 'an instance of Buffer, TypedArray, or DataView', chunk);
  let bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  if (this.kept.length) bytes = Buffer.concat([this.kept, bytes]);
  const whole = native.complete(bytes, this.encoding);
  this.kept = Buffer.from(bytes.subarray(whole));
  return bytes.toString(this.encoding, 0, whole);
};

StringDecoder.prototype.end = function end(chunk) {
  let text = '';
  if (chunk !== undefined) text = this.write(chunk);
  if (this.kept.length) {
    text += this.kept.toString(this.encoding);
    this.kept = Buffer.alloc(0);
  }
  return text;
};

StringDecoder.prototype.text = function text(chunk, offset) {
  this.kept = Buffer.alloc(0);
  return this.write(chunk.slice(offset));
};
Object.defineProperty(StringDecoder.prototype, 'lastNeed', { configurable: true, enumerable: true, get() {
  if (this.kept.length === 0) return 0;
  return native.needs(this.kept, this.encoding) - this.kept.length;
} });
Object.defineProperty(StringDecoder.prototype, 'lastTotal', { configurable: true, enumerable: true, get() {
  return this.kept.length === 0 ? 0 : native.needs(this.kept, this.encoding);
} });

exports.StringDecoder = StringDecoder;
