// https://nodejs.org/api/stream.html#readable-streams
const EventEmitter = require('events');
const { StringDecoder } = require('string_decoder');
const { coded, abortError } = require('internal/errors');
const { asyncIterator, asyncDispose } = require('internal/symbols');
const Stream = require('internal/stream/legacy');
const { nextTick, markOf, destroy, fail, construct, addAbortSignal } = require('internal/stream/state');
const { addChunk, emitReadable, maybeReadMore, wanted, take, endReadable, flow } = require('internal/stream/readablebuffer');
const { pipe, unpipe, wrap } = require('internal/stream/pipe');
const iterate = require('internal/stream/iterate');

class ReadableState {
  constructor(options, isDuplex) {
    this.objectMode = Boolean(options.objectMode || (isDuplex && options.readableObjectMode));
    this.highWaterMark = markOf(options, 'highWaterMark', this.objectMode, isDuplex ? 'readableHighWaterMark' : 'highWaterMark');
    this.buffer = [];
    this.first = 0; // of buffer; what is before it has been read
    this.length = 0;
    this.pipes = [];
    this.flowing = null;
    this.ended = false;
    this.endEmitted = false;
    this.reading = false;
    this.sync = true;
    this.constructed = true;
    this.needReadable = false;
    this.emittedReadable = false;
    this.readableListening = false;
    this.resumeScheduled = false;
    this.readingMore = false;
    this.errored = null;
    this.errorEmitted = false;
    this.closed = false;
    this.closeEmitted = false;
    this.destroyed = false;
    this.emitClose = options.emitClose !== false;
    this.autoDestroy = options.autoDestroy !== false;
    this.dataEmitted = false;
    this.defaultEncoding = options.defaultEncoding || 'utf8';
    this.awaiting = new Set(); // destinations that are full
    this.decoder = null;
    this.encoding = null;
    if (options.encoding) {
      this.decoder = new StringDecoder(options.encoding);
      this.encoding = options.encoding;
    }
  }
}

function Readable(options = {}) {
  if (!(this instanceof Readable)) return new Readable(options);
  initReadable(this, options || {}, this instanceof duplexes.Duplex);
  Stream.call(this, options);
  if (!(this instanceof duplexes.Duplex)) construct(this, () => { if (this._readableState.needReadable) maybeReadMore(this); });
}
Object.setPrototypeOf(Readable.prototype, Stream.prototype);
Object.setPrototypeOf(Readable, Stream);

function initReadable(stream, options, isDuplex) {
  stream._readableState = new ReadableState(options, isDuplex);
  if (typeof options.read === 'function') stream._read = options.read;
  if (typeof options.destroy === 'function') stream._destroy = options.destroy;
  if (typeof options.construct === 'function') stream._construct = options.construct;
  if (options.signal) nextTick(() => addAbortSignal(options.signal, stream));
}

const rp = Readable.prototype;
rp.destroy = destroy;
rp._destroy = function (err, callback) { callback(err); };
rp._read = function () { throw coded(Error, 'ERR_METHOD_NOT_IMPLEMENTED', 'The _read() method is not implemented'); };
rp[EventEmitter.captureRejectionSymbol] = function (err) { this.destroy(err); };

rp.push = function push(chunk, encoding) { return addChunk(this, chunk, encoding, false); };
rp.unshift = function unshift(chunk, encoding) { return addChunk(this, chunk, encoding, true); };

rp.read = function read(n) {
  n = n === undefined ? NaN : Number.isInteger(n) ? n : Number.parseInt(n, 10);
  const s = this._readableState;
  const asked = n;
  if (n > s.highWaterMark && n < 1 << 30) s.highWaterMark = n;
  if (n !== 0) s.emittedReadable = false;
  if (n === 0 && s.needReadable && ((s.highWaterMark !== 0 ? s.length >= s.highWaterMark : s.length > 0) || s.ended)) {
    if (s.length === 0 && s.ended) endReadable(this);
    else emitReadable(this);
    return null;
  }
  n = wanted(n, s);
  if (n === 0 && s.ended) {
    if (s.length === 0) endReadable(this);
    return null;
  }
  let more = s.needReadable;
  if (s.length === 0 || s.length - n < s.highWaterMark) more = true;
  if (s.ended || s.reading || s.destroyed || s.errored || !s.constructed) more = false;
  else if (more) {
    s.reading = true;
    s.sync = true;
    if (s.length === 0) s.needReadable = true;
    try {
      this._read(s.highWaterMark);
    } catch (e) {
      fail(this, e);
    }
    s.sync = false;
    if (!s.reading) n = wanted(asked, s);
  }
  const chunk = n > 0 ? take(n, s) : null;
  if (chunk === null) {
    s.needReadable = s.length <= s.highWaterMark;
    n = 0;
  } else {
    s.length -= n;
    s.awaiting.clear();
  }
  if (s.length === 0) {
    if (!s.ended) s.needReadable = true;
    if (asked !== n && s.ended) endReadable(this);
  }
  if (chunk !== null && !s.errored && !s.closeEmitted) {
    s.dataEmitted = true;
    this.emit('data', chunk);
  }
  return chunk;
};

rp.on = function on(name, listener) {
  const result = Stream.prototype.on.call(this, name, listener);
  const s = this._readableState;
  if (name === 'data') {
    s.readableListening = this.listenerCount('readable') > 0;
    if (s.flowing !== false) this.resume();
  } else if (name === 'readable' && !s.endEmitted && !s.readableListening) {
    s.readableListening = s.needReadable = true;
    s.flowing = false;
    s.emittedReadable = false;
    if (s.length) emitReadable(this);
    else if (!s.reading) nextTick(() => this.read(0));
  }
  return result;
};
rp.addListener = rp.on;

function listenersChanged(stream, name) {
  if (name !== 'readable' && name !== undefined) return;
  nextTick(() => {
    const s = stream._readableState;
    s.readableListening = stream.listenerCount('readable') > 0;
    if (s.resumeScheduled && s.paused === false) s.flowing = true;
    else if (stream.listenerCount('data') > 0) stream.resume();
    else if (!s.readableListening) s.flowing = null;
  });
}
rp.removeListener = function removeListener(name, listener) {
  const result = Stream.prototype.removeListener.call(this, name, listener);
  listenersChanged(this, name === undefined ? null : name);
  return result;
};
rp.off = rp.removeListener;
rp.removeAllListeners = function removeAllListeners(...args) {
  const result = Stream.prototype.removeAllListeners.apply(this, args);
  listenersChanged(this, args[0]);
  return result;
};

rp.resume = function resume() {
  const s = this._readableState;
  if (!s.flowing) {
    s.flowing = !s.readableListening;
    if (!s.resumeScheduled) {
      s.resumeScheduled = true;
      nextTick(() => {
        if (!s.reading) this.read(0);
        s.resumeScheduled = false;
        this.emit('resume');
        flow(this);
        if (s.flowing && !s.reading) this.read(0);
      });
    }
  }
  s.paused = false;
  return this;
};
rp.pause = function pause() {
  const s = this._readableState;
  if (s.flowing !== false) {
    s.flowing = false;
    this.emit('pause');
  }
  s.paused = true;
  return this;
};
rp.isPaused = function isPaused() { return this._readableState.paused === true || this._readableState.flowing === false; };

rp.setEncoding = function setEncoding(encoding) {
  const s = this._readableState;
  s.decoder = new StringDecoder(encoding);
  s.encoding = s.decoder.encoding;
  let text = '';
  for (let i = s.first; i < s.buffer.length; i++) text += s.decoder.write(s.buffer[i]);
  s.buffer = text === '' ? [] : [text];
  s.first = 0;
  s.length = text.length;
  return this;
};

rp.pipe = pipe;
rp.unpipe = unpipe;
rp.wrap = wrap;

rp[asyncIterator] = function () { return iterate(this, {}); };
rp.iterator = function iterator(options) { return iterate(this, options || {}); };
Object.defineProperty(rp, asyncDispose, { configurable: true, writable: true, value() {
  const err = this.destroyed ? null : abortError();
  if (err) this.destroy(err);
  return new Promise((resolve, reject) => require('internal/stream/pipeline').finished(this, (e) => (e && e !== err ? reject(e) : resolve())));
} });

const readableProperties = {
  readable: {
    get() {
      const s = this._readableState;
      return Boolean(s) && s.readable !== false && !s.destroyed && !s.errorEmitted && !s.endEmitted;
    },
    set(v) { if (this._readableState) this._readableState.readable = Boolean(v); },
  },
  readableDidRead: { get() { return this._readableState.dataEmitted; } },
  readableAborted: { get() { const s = this._readableState; return Boolean((s.destroyed || s.errored) && !s.endEmitted); } },
  readableHighWaterMark: { get() { return this._readableState.highWaterMark; } },
  readableBuffer: { get() { return this._readableState.buffer.slice(this._readableState.first); } },
  readableFlowing: { get() { return this._readableState.flowing; }, set(v) { this._readableState.flowing = v; } },
  readableLength: { get() { return this._readableState.length; } },
  readableObjectMode: { get() { return this._readableState ? this._readableState.objectMode : false; } },
  readableEncoding: { get() { return this._readableState ? this._readableState.encoding : null; } },
  readableEnded: { get() { return this._readableState ? this._readableState.endEmitted : false; } },
  errored: { get() { const s = this._readableState || this._writableState; return s ? s.errored : null; } },
  closed: { get() { const s = this._readableState || this._writableState; return s ? s.closed : false; } },
  destroyed: {
    get() { const s = this._readableState || this._writableState; return s ? s.destroyed : false; },
    set(v) { for (const s of [this._readableState, this._writableState]) if (s) s.destroyed = v; },
  },
};
for (const name of Object.keys(readableProperties)) Object.defineProperty(rp, name, { configurable: true, enumerable: false, ...readableProperties[name] });

exports.Readable = Readable;
exports.initReadable = initReadable;

// Last, as the two need each other while they load.
const duplexes = require('internal/stream/duplex');
