// https://nodejs.org/api/stream.html: the classes.
const EventEmitter = require('events');
const { Buffer } = require('buffer');
const { StringDecoder } = require('string_decoder');
const { argType, coded, abortError } = require('internal/errors');
const { asyncIterator, asyncDispose } = require('internal/symbols');
const { nextTick, markOf, destroy, fail, construct, addAbortSignal, toBytes, prematureClose } = require('internal/stream/state');

function Stream(options) { EventEmitter.call(this, options); }
Object.setPrototypeOf(Stream.prototype, EventEmitter.prototype);
Object.setPrototypeOf(Stream, EventEmitter);

Stream.prototype.pipe = function pipe(dest) {
  this.on('data', (chunk) => { if (dest.write(chunk) === false && this.pause) this.pause(); });
  dest.on('drain', () => { if (this.resume) this.resume(); });
  this.on('end', () => dest.end());
  dest.emit('pipe', this);
  return dest;
};

const badChunk = (chunk) => argType('chunk', 'of type string or an instance of Buffer, TypedArray, or DataView', chunk);

// Readable

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
  initReadable(this, options || {}, this instanceof Duplex);
  Stream.call(this, options);
  if (!(this instanceof Duplex)) construct(this, () => { if (this._readableState.needReadable) maybeReadMore(this); });
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

function addChunk(stream, chunk, encoding, front) {
  const s = stream._readableState;
  if (chunk === null) {
    s.reading = false;
    endOfChunks(stream);
    return false;
  }
  if (!s.objectMode) {
    if (chunk === undefined) {
      s.reading = false;
      return false;
    }
    if (typeof chunk === 'string') {
      encoding = encoding || s.defaultEncoding;
      if (s.encoding !== encoding) chunk = s.encoding && front ? Buffer.from(chunk, encoding).toString(s.encoding) : Buffer.from(chunk, encoding);
    } else {
      const bytes = toBytes(chunk);
      if (bytes === undefined) {
        fail(stream, badChunk(chunk));
        return false;
      }
      chunk = bytes;
    }
    if (chunk.length === 0) {
      if (!front) {
        s.reading = false;
        maybeReadMore(stream);
      }
      return s.length < s.highWaterMark;
    }
  }
  if (front) {
    if (s.endEmitted) fail(stream, coded(Error, 'ERR_STREAM_UNSHIFT_AFTER_END_EVENT', 'stream.unshift() after end event'));
    else if (s.destroyed || s.errored) return false;
    else keep(stream, chunk, true);
    return s.length < s.highWaterMark;
  }
  if (s.ended) {
    fail(stream, coded(Error, 'ERR_STREAM_PUSH_AFTER_EOF', 'stream.push() after EOF'));
    return false;
  }
  if (s.destroyed || s.errored) return false;
  s.reading = false;
  if (s.decoder && typeof chunk !== 'string') {
    chunk = s.decoder.write(chunk);
    if (chunk.length === 0) {
      maybeReadMore(stream);
      return s.length < s.highWaterMark;
    }
  }
  keep(stream, chunk, false);
  return s.length < s.highWaterMark || s.length === 0;
}

function keep(stream, chunk, front) {
  const s = stream._readableState;
  if (s.flowing && s.length === 0 && !s.sync && !front && stream.listenerCount('data') > 0) {
    s.dataEmitted = true;
    stream.emit('data', chunk);
  } else {
    s.length += s.objectMode ? 1 : chunk.length;
    if (front) {
      if (s.first > 0) s.buffer[--s.first] = chunk;
      else s.buffer.unshift(chunk);
    } else s.buffer.push(chunk);
    if (s.needReadable) emitReadable(stream);
  }
  maybeReadMore(stream);
}

function endOfChunks(stream) {
  const s = stream._readableState;
  if (s.ended) return;
  if (s.decoder) {
    const rest = s.decoder.end();
    if (rest && rest.length) {
      s.buffer.push(rest);
      s.length += s.objectMode ? 1 : rest.length;
    }
  }
  s.ended = true;
  if (s.sync) emitReadable(stream);
  else {
    s.needReadable = false;
    s.emittedReadable = true;
    emitReadableNow(stream);
  }
}

function emitReadable(stream) {
  const s = stream._readableState;
  s.needReadable = false;
  if (!s.emittedReadable) {
    s.emittedReadable = true;
    nextTick(emitReadableNow, stream);
  }
}

function emitReadableNow(stream) {
  const s = stream._readableState;
  if (!s.destroyed && !s.errored && (s.length || s.ended)) {
    stream.emit('readable');
    s.emittedReadable = false;
  }
  s.needReadable = !s.flowing && !s.ended && s.length <= s.highWaterMark;
  flow(stream);
}

function maybeReadMore(stream) {
  const s = stream._readableState;
  if (s.readingMore || !s.constructed) return;
  s.readingMore = true;
  nextTick(() => {
    while (!s.reading && !s.ended && (s.length < s.highWaterMark || (s.flowing && s.length === 0))) {
      const before = s.length;
      stream.read(0);
      if (before === s.length) break;
    }
    s.readingMore = false;
  });
}

function wanted(n, s) {
  if (n <= 0 || (s.length === 0 && s.ended)) return 0;
  if (s.objectMode) return 1;
  if (Number.isNaN(n)) return s.flowing && s.length ? s.buffer[s.first].length : s.length;
  if (n <= s.length) return n;
  return s.ended ? s.length : 0;
}

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

// take removes n units from the buffer, which holds as many.
function take(n, s) {
  if (s.length === 0) return null;
  if (s.objectMode) return shift(s);
  if (n >= s.length) {
    const all = s.buffer.slice(s.first);
    s.buffer = [];
    s.first = 0;
    if (all.length === 1) return all[0];
    return s.decoder ? all.join('') : Buffer.concat(all, s.length);
  }
  const head = s.buffer[s.first];
  if (n < head.length) {
    s.buffer[s.first] = head.slice(n);
    return head.slice(0, n);
  }
  const parts = [];
  while (n > 0) {
    const part = s.buffer[s.first];
    if (part.length <= n) {
      parts.push(shift(s));
      n -= part.length;
    } else {
      parts.push(part.slice(0, n));
      s.buffer[s.first] = part.slice(n);
      n = 0;
    }
  }
  if (parts.length === 1) return parts[0];
  return s.decoder ? parts.join('') : Buffer.concat(parts);
}

function shift(s) {
  const chunk = s.buffer[s.first];
  s.buffer[s.first++] = undefined;
  if (s.first === s.buffer.length || s.first > 1024) {
    s.buffer = s.buffer.slice(s.first);
    s.first = 0;
  }
  return chunk;
}

function endReadable(stream) {
  const s = stream._readableState;
  if (s.endEmitted || s.endScheduled) return;
  s.ended = true;
  s.endScheduled = true;
  nextTick(() => {
    if (s.errored || s.closeEmitted || s.endEmitted || s.length !== 0) return;
    s.endEmitted = true;
    stream.readable = false;
    stream.emit('end');
    const w = stream._writableState;
    if (w && stream.allowHalfOpen === false && !w.ending && !w.destroyed) nextTick(() => { if (!w.ending && !w.destroyed) stream.end(); });
    else if (s.autoDestroy && (!w || (w.autoDestroy && (w.finished || stream.writable === false)))) stream.destroy();
  });
}

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

function flow(stream) {
  const s = stream._readableState;
  while (s.flowing && stream.read() !== null);
}

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

rp.pipe = function pipe(dest, options) {
  const src = this;
  const s = this._readableState;
  s.pipes.push(dest);
  const ends = !(options && options.end === false);
  const onend = () => dest.end();
  if (s.endEmitted) nextTick(ends ? onend : unpipe);
  else src.once('end', ends ? onend : unpipe);
  function unpipe() { src.unpipe(dest); }
  const ondrain = () => {
    s.awaiting.delete(dest);
    if (s.awaiting.size === 0 && src.listenerCount('data') > 0) src.resume();
  };
  const ondata = (chunk) => {
    if (dest.write(chunk) === false) {
      if (s.pipes.includes(dest)) s.awaiting.add(dest);
      src.pause();
      dest.once('drain', ondrain);
    }
  };
  const onerror = (err) => {
    unpipe();
    dest.removeListener('error', onerror);
    if (dest.listenerCount('error') === 0) {
      const w = dest._writableState || dest._readableState;
      if (w && !w.errorEmitted) fail(dest, err);
      else dest.emit('error', err);
    }
  };
  const onclose = () => {
    dest.removeListener('finish', onfinish);
    unpipe();
  };
  const onfinish = () => {
    dest.removeListener('close', onclose);
    unpipe();
  };
  const cleanup = (readable) => {
    if (readable !== src) return;
    dest.removeListener('unpipe', cleanup);
    dest.removeListener('close', onclose);
    dest.removeListener('finish', onfinish);
    dest.removeListener('drain', ondrain);
    dest.removeListener('error', onerror);
    src.removeListener('end', onend);
    src.removeListener('end', unpipe);
    src.removeListener('data', ondata);
    if (s.awaiting.has(dest)) ondrain();
  };
  dest.on('unpipe', cleanup);
  src.on('data', ondata);
  dest.prependListener('error', onerror);
  dest.once('close', onclose);
  dest.once('finish', onfinish);
  dest.emit('pipe', src);
  if (dest.writableNeedDrain === true) {
    s.awaiting.add(dest);
    dest.once('drain', ondrain);
    src.pause();
  } else if (!s.flowing) src.resume();
  return dest;
};
rp.unpipe = function unpipe(dest) {
  const s = this._readableState;
  const gone = dest === undefined ? s.pipes.slice() : s.pipes.includes(dest) ? [dest] : [];
  s.pipes = s.pipes.filter((d) => !gone.includes(d));
  if (gone.length && s.pipes.length === 0) this.pause();
  for (const d of gone) d.emit('unpipe', this, { hasUnpiped: false });
  return this;
};

rp.wrap = function wrap(old) {
  let paused = false;
  old.on('data', (chunk) => {
    if (!this.push(chunk) && old.pause) {
      paused = true;
      old.pause();
    }
  });
  old.on('end', () => this.push(null));
  old.on('error', (e) => fail(this, e));
  old.on('close', () => this.destroy());
  this._read = () => {
    if (paused && old.resume) {
      paused = false;
      old.resume();
    }
  };
  return this;
};

rp[asyncIterator] = function () { return iterate(this, {}); };
rp.iterator = function iterator(options) { return iterate(this, options || {}); };
Object.defineProperty(rp, asyncDispose, { configurable: true, writable: true, value() {
  const err = this.destroyed ? null : abortError();
  if (err) this.destroy(err);
  return new Promise((resolve, reject) => require('internal/stream/pipeline').finished(this, (e) => (e && e !== err ? reject(e) : resolve())));
} });

function iterate(stream, { destroyOnReturn }) {
  let wake = () => {};
  let over; // undefined while it goes on, then null or an error
  const started = () => {
    stream.on('readable', () => wake());
    require('internal/stream/pipeline').finished(stream, { writable: false }, (err) => {
      over = err || null;
      wake();
    });
  };
  let begun = false;
  let done = false;
  let last = Promise.resolve();
  const step = async () => {
    if (!begun) {
      begun = true;
      started();
    }
    for (;;) {
      if (done) return { value: undefined, done: true };
      const chunk = stream.destroyed ? null : stream.read();
      if (chunk !== null) return { value: chunk, done: false };
      if (over) {
        done = true;
        throw over;
      }
      if (over === null) {
        done = true;
        return { value: undefined, done: true };
      }
      await new Promise((resolve) => { wake = resolve; });
    }
  };
  return {
    next() { return (last = last.then(step, step)); },
    async return(value) {
      done = true;
      wake();
      if (destroyOnReturn !== false && !stream.destroyed) stream.destroy();
      return { value, done: true };
    },
    async throw(err) {
      done = true;
      stream.destroy(err);
      throw err;
    },
    [asyncIterator]() { return this; },
  };
}

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

// Writable

class WritableState {
  constructor(options, isDuplex) {
    this.objectMode = Boolean(options.objectMode || (isDuplex && options.writableObjectMode));
    this.highWaterMark = markOf(options, 'highWaterMark', this.objectMode, isDuplex ? 'writableHighWaterMark' : 'highWaterMark');
    this.finalCalled = false;
    this.needDrain = false;
    this.ending = false;
    this.ended = false;
    this.finished = false;
    this.prefinished = false;
    this.destroyed = false;
    this.decodeStrings = options.decodeStrings !== false;
    this.defaultEncoding = options.defaultEncoding || 'utf8';
    this.length = 0;
    this.writing = false;
    this.corked = 0;
    this.sync = true;
    this.constructed = true;
    this.buffered = [];
    this.pendingcb = 0;
    this.errored = null;
    this.errorEmitted = false;
    this.closed = false;
    this.closeEmitted = false;
    this.emitClose = options.emitClose !== false;
    this.autoDestroy = options.autoDestroy !== false;
    this.onFinish = [];
  }
  getBuffer() { return this.buffered.slice(); }
}

function Writable(options = {}) {
  if (!(this instanceof Writable)) return new Writable(options);
  initWritable(this, options || {}, this instanceof Duplex);
  Stream.call(this, options);
  if (!(this instanceof Duplex)) construct(this, () => { advance(this); });
}
Object.setPrototypeOf(Writable.prototype, Stream.prototype);
Object.setPrototypeOf(Writable, Stream);
Object.defineProperty(Writable, Symbol.hasInstance, {
  value(o) {
    if (Function.prototype[Symbol.hasInstance].call(this, o)) return true;
    return this === Writable && Boolean(o) && o._writableState instanceof WritableState;
  },
});

function initWritable(stream, options, isDuplex) {
  stream._writableState = new WritableState(options, isDuplex);
  for (const name of ['write', 'writev', 'destroy', 'final', 'construct']) {
    if (typeof options[name] === 'function') stream[`_${name}`] = options[name];
  }
  if (options.signal && !isDuplex) nextTick(() => addAbortSignal(options.signal, stream));
}

const wp = Writable.prototype;
wp._destroy = function (err, callback) { callback(err); };
wp[EventEmitter.captureRejectionSymbol] = function (err) { this.destroy(err); };
wp._write = function (chunk, encoding, callback) {
  if (this._writev) this._writev([{ chunk, encoding }], callback);
  else throw coded(Error, 'ERR_METHOD_NOT_IMPLEMENTED', 'The _write() method is not implemented');
};
wp._writev = null;

wp.pipe = function () { fail(this, coded(Error, 'ERR_STREAM_CANNOT_PIPE', 'Cannot pipe, not readable')); };

wp.write = function write(chunk, encoding, callback) {
  if (typeof encoding === 'function') {
    callback = encoding;
    encoding = undefined;
  }
  return put(this, chunk, encoding, callback) === true;
};

function put(stream, chunk, encoding, callback) {
  const s = stream._writableState;
  const done = typeof callback === 'function' ? callback : () => {};
  encoding = encoding || s.defaultEncoding;
  if (encoding !== 'buffer' && !Buffer.isEncoding(encoding)) throw coded(TypeError, 'ERR_UNKNOWN_ENCODING', `Unknown encoding: ${encoding}`);
  if (chunk === null) throw coded(TypeError, 'ERR_STREAM_NULL_VALUES', 'May not write null values to stream');
  if (!s.objectMode) {
    if (typeof chunk === 'string') {
      if (s.decodeStrings) {
        chunk = Buffer.from(chunk, encoding);
        encoding = 'buffer';
      }
    } else {
      const bytes = toBytes(chunk);
      if (bytes === undefined) throw badChunk(chunk);
      chunk = bytes;
      encoding = 'buffer';
    }
  }
  let err;
  if (s.ending) err = coded(Error, 'ERR_STREAM_WRITE_AFTER_END', 'write after end');
  else if (s.destroyed) err = coded(Error, 'ERR_STREAM_DESTROYED', 'Cannot call write after a stream was destroyed');
  if (err) {
    nextTick(done, err);
    fail(stream, err);
    return err;
  }
  s.pendingcb++;
  const size = s.objectMode ? 1 : chunk.length;
  s.length += size;
  const room = s.length < s.highWaterMark;
  if (!room) s.needDrain = true;
  if (s.writing || s.corked || s.errored || !s.constructed) s.buffered.push({ chunk, encoding, callback: done });
  else {
    s.sync = true;
    start(stream, false, size, chunk, encoding, [done]);
    s.sync = false;
  }
  return room && !s.errored && !s.destroyed;
}

// start hands chunks to the stream's own method.
function start(stream, many, size, chunk, encoding, callbacks) {
  const s = stream._writableState;
  s.writing = true;
  let called = false;
  const done = (err) => {
    if (called) return fail(stream, coded(Error, 'ERR_MULTIPLE_CALLBACK', 'Callback called multiple times'));
    called = true;
    written(stream, s, size, callbacks, err);
  };
  try {
    if (s.destroyed) done(coded(Error, 'ERR_STREAM_DESTROYED', 'Cannot call write after a stream was destroyed'));
    else if (many) stream._writev(chunk, done);
    else stream._write(chunk, encoding, done);
  } catch (e) {
    if (called) throw e;
    s.writing = false;
    s.length -= size;
    fail(stream, e);
    throw e;
  }
}

function written(stream, s, size, callbacks, err) {
  s.writing = false;
  s.length -= size;
  const sync = s.sync;
  if (err) {
    s.errored = s.errored || err;
    if (stream._readableState && !stream._readableState.errored) stream._readableState.errored = err;
    const report = () => {
      s.pendingcb -= callbacks.length;
      for (const f of callbacks) f(err);
      dropBuffered(s);
      fail(stream, err);
    };
    if (sync) nextTick(report);
    else report();
    return;
  }
  if (s.buffered.length) advance(stream);
  const after = () => {
    if (!s.ending && !s.destroyed && s.length === 0 && s.needDrain) {
      s.needDrain = false;
      stream.emit('drain');
    }
    for (const f of callbacks) {
      s.pendingcb--;
      f(null);
    }
    if (s.destroyed) dropBuffered(s);
    maybeFinish(stream);
  };
  if (sync) nextTick(after);
  else after();
}

function dropBuffered(s) {
  if (s.writing) return;
  for (const b of s.buffered.splice(0)) {
    s.length -= s.objectMode ? 1 : b.chunk.length;
    s.pendingcb--;
    b.callback(s.errored || coded(Error, 'ERR_STREAM_DESTROYED', 'Cannot call write after a stream was destroyed'));
  }
}

// advance writes what has waited.
function advance(stream) {
  const s = stream._writableState;
  if (s.corked || s.destroyed || !s.constructed || s.writing) return;
  if (s.buffered.length > 1 && typeof stream._writev === 'function') {
    const list = s.buffered.splice(0);
    const size = s.objectMode ? list.length : list.reduce((n, b) => n + b.chunk.length, 0);
    list.allBuffers = list.every((b) => Buffer.isBuffer(b.chunk));
    start(stream, true, size, list, '', list.map((b) => b.callback));
    return;
  }
  while (s.buffered.length && !s.writing && !s.destroyed) {
    const { chunk, encoding, callback } = s.buffered.shift();
    start(stream, false, s.objectMode ? 1 : chunk.length, chunk, encoding, [callback]);
  }
  maybeFinish(stream);
}

wp.cork = function cork() { this._writableState.corked++; };
wp.uncork = function uncork() {
  const s = this._writableState;
  if (s.corked) {
    s.corked--;
    if (!s.writing) advance(this);
  }
};
wp.setDefaultEncoding = function setDefaultEncoding(encoding) {
  if (!Buffer.isEncoding(encoding)) throw coded(TypeError, 'ERR_UNKNOWN_ENCODING', `Unknown encoding: ${encoding}`);
  this._writableState.defaultEncoding = encoding;
  return this;
};

wp.end = function end(chunk, encoding, callback) {
  const s = this._writableState;
  if (typeof chunk === 'function') {
    callback = chunk;
    chunk = encoding = undefined;
  } else if (typeof encoding === 'function') {
    callback = encoding;
    encoding = undefined;
  }
  let err;
  if (chunk !== undefined && chunk !== null) {
    const result = put(this, chunk, encoding);
    if (result instanceof Error) err = result;
  }
  if (s.corked) {
    s.corked = 1;
    this.uncork();
  }
  if (!err) {
    if (!s.errored && !s.ending) {
      s.ending = true;
      maybeFinish(this, true);
      s.ended = true;
    } else if (s.finished) err = coded(Error, 'ERR_STREAM_ALREADY_FINISHED', 'Cannot call end after a stream was finished');
    else if (s.destroyed) err = coded(Error, 'ERR_STREAM_DESTROYED', 'Cannot call end after a stream was destroyed');
  }
  if (typeof callback === 'function') {
    if (err) nextTick(callback, err);
    else if (s.finished) nextTick(callback);
    else s.onFinish.push(callback);
  }
  return this;
};

const canFinish = (s) => s.ending && !s.destroyed && s.constructed && s.length === 0 && !s.errored && s.buffered.length === 0 && !s.finished &&
  !s.writing && !s.errorEmitted && !s.closeEmitted;

function maybeFinish(stream, later) {
  const s = stream._writableState;
  if (!canFinish(s)) return;
  if (!s.prefinished && !s.finalCalled) {
    if (typeof stream._final === 'function') {
      s.finalCalled = true;
      s.pendingcb++;
      nextTick(() => {
        let called = false;
        const done = (err) => {
          if (called) return fail(stream, err || coded(Error, 'ERR_MULTIPLE_CALLBACK', 'Callback called multiple times'));
          called = true;
          s.pendingcb--;
          if (err) {
            for (const f of s.onFinish.splice(0)) f(err);
            fail(stream, err);
          } else if (canFinish(s)) {
            s.prefinished = true;
            stream.emit('prefinish');
            s.pendingcb++;
            nextTick(finish, stream);
          }
        };
        try {
          stream._final(done);
        } catch (e) {
          done(e);
        }
      });
      return;
    }
    s.prefinished = true;
    stream.emit('prefinish');
  }
  if (s.pendingcb > 0 || !s.prefinished) return;
  s.pendingcb++;
  if (later) nextTick(() => { if (canFinish(s)) finish(stream); else s.pendingcb--; });
  else finish(stream);
}

function finish(stream) {
  const s = stream._writableState;
  s.pendingcb--;
  s.finished = true;
  for (const f of s.onFinish.splice(0)) f();
  stream.emit('finish');
  const r = stream._readableState;
  if (s.autoDestroy && (!r || (r.autoDestroy && (r.endEmitted || r.readable === false)))) stream.destroy();
}

wp.destroy = function (err, callback) {
  const s = this._writableState;
  if (!s.destroyed && (s.buffered.length || s.onFinish.length)) {
    nextTick(() => {
      dropBuffered(s);
      const e = s.errored || coded(Error, 'ERR_STREAM_DESTROYED', 'Cannot call end after a stream was destroyed');
      for (const f of s.onFinish.splice(0)) f(e);
    });
  }
  destroy.call(this, err, callback);
  return this;
};
Object.defineProperty(wp, asyncDispose, { configurable: true, writable: true, value() {
  if (!this.destroyed) this.destroy(this.writableFinished ? null : abortError());
  return new Promise((resolve) => (this.closed ? resolve() : this.once('close', resolve)));
} });

const writableProperties = {
  closed: { get() { return Boolean(this._writableState && this._writableState.closed); } },
  destroyed: {
    get() { return Boolean(this._writableState && this._writableState.destroyed); },
    set(v) { if (this._writableState) this._writableState.destroyed = v; },
  },
  writable: {
    get() {
      const s = this._writableState;
      return Boolean(s) && s.writable !== false && !s.destroyed && !s.errored && !s.ending && !s.ended;
    },
    set(v) { if (this._writableState) this._writableState.writable = Boolean(v); },
  },
  writableFinished: { get() { return Boolean(this._writableState && this._writableState.finished); } },
  writableObjectMode: { get() { return Boolean(this._writableState && this._writableState.objectMode); } },
  writableBuffer: { get() { return this._writableState && this._writableState.getBuffer(); } },
  writableEnded: { get() { return Boolean(this._writableState && this._writableState.ending); } },
  writableNeedDrain: { get() { const s = this._writableState; return Boolean(s) && !s.destroyed && !s.ending && s.needDrain; } },
  writableHighWaterMark: { get() { return this._writableState && this._writableState.highWaterMark; } },
  writableCorked: { get() { return this._writableState ? this._writableState.corked : 0; } },
  writableLength: { get() { return this._writableState && this._writableState.length; } },
  errored: { get() { return this._writableState ? this._writableState.errored : null; } },
  writableAborted: { get() { const s = this._writableState; return s.writable !== false && (s.destroyed || s.errored) && !s.finished; } },
};
for (const name of Object.keys(writableProperties)) Object.defineProperty(wp, name, { configurable: true, enumerable: false, ...writableProperties[name] });

// Duplex

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
for (const key of Object.getOwnPropertyNames(wp)) {
  if (!(key in Duplex.prototype) || ['destroy'].includes(key)) Object.defineProperty(Duplex.prototype, key, Object.getOwnPropertyDescriptor(wp, key));
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

// Transform

const kCallback = Symbol('kCallback');

function Transform(options) {
  if (!(this instanceof Transform)) return new Transform(options);
  options = options || {};
  Duplex.call(this, options);
  this._readableState.sync = false;
  this[kCallback] = null;
  if (typeof options.transform === 'function') this._transform = options.transform;
  if (typeof options.flush === 'function') this._flush = options.flush;
  this.on('prefinish', () => { if (this._final !== Transform.prototype._final) Transform.prototype._final.call(this, () => {}); });
}
Object.setPrototypeOf(Transform.prototype, Duplex.prototype);
Object.setPrototypeOf(Transform, Duplex);

Transform.prototype._final = function (callback) {
  if (typeof this._flush === 'function' && !this.destroyed) {
    const done = (err, data) => {
      if (err) {
        if (callback) callback(err);
        else this.destroy(err);
        return;
      }
      if (data !== undefined && data !== null) this.push(data);
      this.push(null);
      if (callback) callback();
    };
    try { this._flush(done); } catch (e) { done(e); }
  } else {
    this.push(null);
    if (callback) callback();
  }
};
Transform.prototype._transform = function () { throw coded(Error, 'ERR_METHOD_NOT_IMPLEMENTED', 'The _transform() method is not implemented'); };
Transform.prototype._write = function (chunk, encoding, callback) {
  const r = this._readableState;
  const w = this._writableState;
  const length = r.length;
  this._transform(chunk, encoding, (err, value) => {
    if (err) return callback(err);
    if (value !== undefined && value !== null) this.push(value);
    if (w.ended || length === r.length || r.length < r.highWaterMark) callback();
    else this[kCallback] = callback;
  });
};
Transform.prototype._read = function () {
  if (this[kCallback]) {
    const callback = this[kCallback];
    this[kCallback] = null;
    callback();
  }
};

function PassThrough(options) {
  if (!(this instanceof PassThrough)) return new PassThrough(options);
  Transform.call(this, options);
}
Object.setPrototypeOf(PassThrough.prototype, Transform.prototype);
Object.setPrototypeOf(PassThrough, Transform);
PassThrough.prototype._transform = function (chunk, encoding, callback) { callback(null, chunk); };

for (const C of [Stream, Readable, Writable, Duplex, Transform, PassThrough]) {
  for (const name of Object.getOwnPropertyNames(C.prototype)) {
    const d = Object.getOwnPropertyDescriptor(C.prototype, name);
    if (d.configurable && d.enumerable && name === 'constructor') Object.defineProperty(C.prototype, name, { ...d, enumerable: false });
  }
}

module.exports = { Stream, Readable, Writable, Duplex, Transform, PassThrough };
