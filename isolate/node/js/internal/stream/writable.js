// https://nodejs.org/api/stream.html#writable-streams
const EventEmitter = require('events');
const { Buffer } = require('buffer');
const { coded, abortError } = require('internal/errors');
const { asyncDispose } = require('internal/symbols');
const Stream = require('internal/stream/legacy');
const { nextTick, markOf, destroy, fail, construct, addAbortSignal, toBytes, badChunk } = require('internal/stream/state');

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
  initWritable(this, options || {}, this instanceof duplexes.Duplex);
  Stream.call(this, options);
  if (!(this instanceof duplexes.Duplex)) construct(this, () => { advance(this); });
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

exports.Writable = Writable;
exports.initWritable = initWritable;
exports.advance = advance;

// Last, as the two need each other while they load.
const duplexes = require('internal/stream/duplex');
