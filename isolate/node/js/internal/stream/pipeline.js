// https://nodejs.org/api/stream.html#streamfinishedstream-options-callback and pipeline
const { argType, coded, checkFunction, abortError } = require('internal/errors');
const { asyncIterator } = require('internal/symbols');
const { nextTick, prematureClose } = require('internal/stream/state');

const isReadable = (s) => Boolean(s && (s._readableState || (typeof s.pipe === 'function' && typeof s.on === 'function' && s.readable !== false)));
const isWritable = (s) => Boolean(s && (s._writableState || (typeof s.write === 'function' && typeof s.on === 'function')));
const isNodeStream = (s) => Boolean(s && (s._readableState || s._writableState || (typeof s.on === 'function' && (typeof s.write === 'function' || typeof s.pipe === 'function'))));
const isIterable = (v) => v !== null && v !== undefined && (typeof v[asyncIterator] === 'function' || typeof v[Symbol.iterator] === 'function');
const isWebStream = (v) => (typeof ReadableStream === 'function' && v instanceof ReadableStream) || (typeof WritableStream === 'function' && v instanceof WritableStream);

function finished(stream, options, callback) {
  if (typeof options === 'function') {
    callback = options;
    options = {};
  }
  options = options || {};
  checkFunction(callback, 'callback');
  if (isWebStream(stream)) {
    throw coded(Error, 'ERR_METHOD_NOT_IMPLEMENTED', 'stream.finished of a web stream is not supported by Mayfly');
  }
  if (!isNodeStream(stream)) throw argType('stream', 'an instance of ReadableStream, WritableStream, or Stream', stream);
  let called = false;
  const { AsyncResource } = require('async_hooks');
  const inContext = AsyncResource.bind(callback);
  const done = (err) => {
    if (called) return;
    called = true;
    Reflect.apply(inContext, stream, err ? [err] : []);
  };
  const r = stream._readableState;
  const w = stream._writableState;
  const readable = options.readable !== undefined ? options.readable : isReadable(stream) && stream.readable !== undefined && !(r && r.readable === false);
  const writable = options.writable !== undefined ? options.writable : isWritable(stream) && !(w && w.writable === false);
  let readableDone = !readable || !isReadable(stream) || Boolean(r && r.endEmitted);
  let writableDone = !writable || !isWritable(stream) || Boolean(w && w.finished);
  const willClose = Boolean((r || w) && ((r ? r.autoDestroy && r.emitClose : true) && (w ? w.autoDestroy && w.emitClose : true)) && !(r && !w && !readable) && (!r || readable || !w) && (!w || writable || !r));
  const check = () => {
    if (readableDone && writableDone && !(willClose && !(stream.closed))) done();
  };
  const onend = () => { readableDone = true; check(); };
  const onfinish = () => { writableDone = true; check(); };
  const onerror = (err) => done(err);
  const onclose = () => {
    const err = (w && w.errored) || (r && r.errored);
    if (err && typeof err !== 'boolean') return done(err);
    if (!readableDone && !(r && r.endEmitted)) return done(prematureClose());
    if (!writableDone && !(w && w.finished)) return done(prematureClose());
    done();
  };
  stream.on('end', onend);
  stream.on('finish', onfinish);
  if (options.error !== false) stream.on('error', onerror);
  stream.on('close', onclose);
  if ((r || w) && ((r && r.closeEmitted) || (w && w.closeEmitted) || stream.closed)) nextTick(onclose);
  else if ((w && w.errorEmitted) || (r && r.errorEmitted)) nextTick(() => done((w && w.errored) || r.errored));
  else if (readableDone && writableDone && !willClose) nextTick(check);
  let abort;
  if (options.signal) {
    abort = () => { const e = abortError(options.signal); clean(); done(e); };
    if (options.signal.aborted) nextTick(abort);
    else options.signal.addEventListener('abort', abort, { once: true });
  }
  function clean() {
    stream.removeListener('end', onend);
    stream.removeListener('finish', onfinish);
    stream.removeListener('error', onerror);
    stream.removeListener('close', onclose);
    if (abort) options.signal.removeEventListener('abort', abort);
  }
  return () => {
    called = true;
    clean();
  };
}

function pipeline(...streams) {
  const callback = streams.pop();
  checkFunction(callback, 'streams[stream.length - 1]');
  return run(streams, callback, {});
}

// run joins streams, iterables and functions between them.
function run(streams, callback, options) {
  if (streams.length === 1 && Array.isArray(streams[0])) [streams] = streams;
  if (streams.length < 2) throw coded(TypeError, 'ERR_MISSING_ARGS', 'The "streams" argument must be specified');
  const { Readable, PassThrough, Duplex } = require('stream');
  const all = [];
  let error;
  let value;
  let pending = 0;
  let called = false;
  const { signal } = options;
  const end = (err) => {
    if (err && (!error || error.code === 'ERR_STREAM_PREMATURE_CLOSE')) error = err;
    if (err) for (const s of all) if (s.destroy && !s.destroyed && !(s._writableState && s._writableState.finished && !s._readableState)) s.destroy(err === error ? err : error);
    pending--;
    if (pending > 0 && !err) return;
    if (called || (pending > 0 && error && !all.every((s) => s.destroyed || s.closed || s.writableFinished))) return;
    if (called) return;
    called = true;
    if (signal) signal.removeEventListener('abort', abort);
    nextTick(callback, error || undefined, value);
  };
  const abort = () => { pending++; end(abortError(signal)); };
  const watch = (s, reading, writing) => {
    all.push(s);
    pending++;
    finished(s, { readable: reading, writable: writing }, (err) => {
      if (err && err.code === 'ERR_STREAM_PREMATURE_CLOSE' && !writing && s._readableState && s._readableState.ended && !s._readableState.errored) err = undefined;
      end(err);
    });
  };
  let current;
  streams.forEach((stream, i) => {
    const last = i === streams.length - 1;
    if (isNodeStream(stream)) {
      watch(stream, !last, i > 0);
      if (i > 0) {
        if (isNodeStream(current)) current.pipe(stream, { end: options.end !== false || !last });
        else feed(current, stream, options.end !== false || !last);
      }
      current = stream;
    } else if (typeof stream === 'function') {
      const source = i === 0 ? undefined : isNodeStream(current) && !current[asyncIterator] ? new Readable().wrap(current) : current;
      current = i === 0 ? stream({ signal }) : stream(source, { signal });
      if (last) {
        if (current && typeof current.then === 'function') {
          pending++;
          current.then((v) => { value = v; end(); }, end);
          current = new PassThrough({ objectMode: true });
        } else if (isIterable(current)) {
          const out = Readable.from(current);
          watch(out, true, false);
          current = out;
        } else throw coded(TypeError, 'ERR_INVALID_RETURN_VALUE', 'Expected AsyncIterable or Promise to be returned from the "destination" function');
      } else if (!isIterable(current) && !isNodeStream(current)) {
        throw coded(TypeError, 'ERR_INVALID_RETURN_VALUE', `Expected Iterable, AsyncIterable or Stream to be returned from the "transform[${i - 1}]" function`);
      }
    } else if (isIterable(stream)) {
      current = i === 0 ? stream : stream;
    } else if (isWebStream(stream)) {
      const s = stream instanceof ReadableStream ? Readable.fromWeb(stream) : require('stream').Writable.fromWeb(stream);
      watch(s, i === 0, i > 0);
      if (i > 0) isNodeStream(current) ? current.pipe(s) : feed(current, s, true);
      current = s;
    } else throw argType(`streams[${i}]`, 'of type function or an instance of Stream, Iterable, or AsyncIterable', stream);
  });
  async function feed(source, dest, ends) {
    pending++;
    const it = source[asyncIterator] ? source[asyncIterator]() : source[Symbol.iterator]();
    try {
      for (;;) {
        const { value: chunk, done } = await it.next();
        if (done || error) break;
        if (dest.destroyed) break;
        if (!dest.write(chunk)) await new Promise((resolve) => { dest.once('drain', resolve); dest.once('close', resolve); });
      }
      if (ends && !error) dest.end();
      end();
    } catch (e) {
      end(e);
    }
  }
  if (signal) {
    if (signal.aborted) nextTick(abort);
    else signal.addEventListener('abort', abort, { once: true });
  }
  return current;
}

module.exports = { finished, pipeline, run, isNodeStream, isIterable };
