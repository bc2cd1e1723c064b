// https://nodejs.org/api/stream.html#duplex-and-transform-streams
const Stream = require('internal/stream/legacy');
const { Readable, initReadable } = require('internal/stream/readable');
const { Writable, initWritable, advance } = require('internal/stream/writable');
const { maybeReadMore } = require('internal/stream/readablebuffer');
const { construct } = require('internal/stream/state');

function Duplex(options) {
  if (!(this instanceof Duplex)) return new Duplex(options);
  options = options || {};
  initReadable(this, options, true);
  initWritable(this, options, true);
  Stream.call(this, options);
  this.allowHalfOpen = options.allowHalfOpen !== false;
  if (options.readable === false) {
    this._readableState.readable = false;
    this._readableState.ended = true;
    this._readableState.endEmitted = true;
  }
  if (options.writable === false) {
    this._writableState.writable = false;
    this._writableState.ending = true;
    this._writableState.ended = true;
    this._writableState.finished = true;
  }
  construct(this, () => {
    advance(this);
    maybeReadMore(this);
  });
}
Object.setPrototypeOf(Duplex.prototype, Readable.prototype);
Object.setPrototypeOf(Duplex, Readable);
for (const key of Object.getOwnPropertyNames(Writable.prototype)) {
  if (!(key in Duplex.prototype) || ['destroy'].includes(key)) Object.defineProperty(Duplex.prototype, key, Object.getOwnPropertyDescriptor(Writable.prototype, key));
}
Object.defineProperty(Duplex.prototype, 'destroyed', {
  configurable: true,
  get() { return Boolean(this._readableState && this._readableState.destroyed && this._writableState.destroyed); },
  set(v) {
    if (this._readableState && this._writableState) {
      this._readableState.destroyed = v;
      this._writableState.destroyed = v;
    }
  },
});

exports.Duplex = Duplex;
