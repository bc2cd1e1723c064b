// What readable and writable streams have in common.
const { argType, coded, abortError } = require('internal/errors');
const process = require('process');

exports.nextTick = process.nextTick;

exports.defaultMark = { bytes: 64 * 1024, objects: 16 };

exports.markOf = function markOf(options, key, objectMode, duplexKey) {
  const given = options[duplexKey] !== undefined ? options[duplexKey] : options.highWaterMark;
  if (given === undefined || given === null) return objectMode ? exports.defaultMark.objects : exports.defaultMark.bytes;
  if (!Number.isInteger(given) || given < 0) {
    throw coded(TypeError, 'ERR_INVALID_ARG_VALUE', `The property 'options.${options[duplexKey] !== undefined ? duplexKey : 'highWaterMark'}' is invalid. Received ${require('util').inspect(given)}`);
  }
  return given;
};

exports.prematureClose = () => coded(Error, 'ERR_STREAM_PREMATURE_CLOSE', 'Premature close');

// destroyer is the destroy method of every stream. Its two halves, where it has them,
// end together.
exports.destroy = function destroy(err, callback) {
  const r = this._readableState;
  const w = this._writableState;
  const any = w || r;
  if ((r && r.destroyed) || (w && w.destroyed)) {
    if (typeof callback === 'function') callback();
    return this;
  }
  for (const s of [r, w]) {
    if (s) {
      s.destroyed = true;
      if (err && !s.errored) s.errored = err;
    }
  }
  const finish = (er) => {
    for (const s of [r, w]) {
      if (s) {
        s.closed = true;
        if (er && !s.errored) s.errored = er;
      }
    }
    if (typeof callback === 'function') callback(er);
    exports.nextTick(() => {
      if (er) exports.emitError(this, er);
      for (const s of [r, w]) if (s) s.closeEmitted = true;
      if (any.emitClose) this.emit('close');
    });
  };
  const run = () => {
    let called = false;
    const once = (er) => {
      if (called) return;
      called = true;
      finish(er === undefined || er === null ? err || null : er);
    };
    try {
      this._destroy(err || null, once);
    } catch (e) {
      once(e);
    }
  };
  if (any.constructed === false) this.once('constructed', run);
  else run();
  return this;
};

exports.emitError = function emitError(stream, err) {
  const r = stream._readableState;
  const w = stream._writableState;
  if ((r && r.errorEmitted) || (w && w.errorEmitted)) return;
  if (r) r.errorEmitted = true;
  if (w) w.errorEmitted = true;
  stream.emit('error', err);
};

// fail ends a stream by an error.
exports.fail = function fail(stream, err) {
  const r = stream._readableState;
  const w = stream._writableState;
  if ((w && w.destroyed) || (r && r.destroyed)) return;
  if ((r && r.autoDestroy) || (w && w.autoDestroy)) stream.destroy(err);
  else {
    if (r) r.errored = r.errored || err;
    if (w) w.errored = w.errored || err;
    exports.nextTick(() => exports.emitError(stream, err));
  }
};

// construct runs a stream's _construct before anything else.
exports.construct = function construct(stream, ready) {
  if (typeof stream._construct !== 'function') return;
  const states = [stream._readableState, stream._writableState].filter(Boolean);
  for (const s of states) s.constructed = false;
  exports.nextTick(() => {
    let called = false;
    const done = (err) => {
      if (called) return exports.fail(stream, coded(Error, 'ERR_MULTIPLE_CALLBACK', 'Callback called multiple times'));
      called = true;
      for (const s of states) s.constructed = true;
      stream.emit('constructed');
      if (err) exports.fail(stream, err);
      else exports.nextTick(ready);
    };
    try {
      stream._construct((err) => exports.nextTick(done, err));
    } catch (e) {
      exports.nextTick(done, e);
    }
  });
};

exports.addAbortSignal = function addAbortSignal(signal, stream) {
  if (signal === null || typeof signal !== 'object' || !('aborted' in signal)) throw argType('signal', 'an instance of AbortSignal', signal);
  if (!stream || (typeof stream.destroy !== 'function')) throw argType('stream', 'an instance of Stream', stream);
  const abort = () => stream.destroy(abortError(signal));
  if (signal.aborted) abort();
  else {
    signal.addEventListener('abort', abort, { once: true });
    stream.once('close', () => signal.removeEventListener('abort', abort));
  }
  return stream;
};

// toBytes makes a Buffer of a chunk that is bytes or text; it returns undefined for others.
exports.toBytes = function toBytes(chunk, encoding) {
  const { Buffer } = require('buffer');
  if (typeof chunk === 'string') return Buffer.from(chunk, encoding);
  if (Buffer.isBuffer(chunk)) return chunk;
  if (ArrayBuffer.isView(chunk)) return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  return undefined;
};

// badChunk is the error of a chunk that is neither.
exports.badChunk = (chunk) => argType('chunk', 'of type string or an instance of Buffer, TypedArray, or DataView', chunk);
