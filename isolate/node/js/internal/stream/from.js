// https://nodejs.org/api/stream.html#streamreadablefromiterable-options and the methods of
// Readable that are those of an iterator.
const { Readable } = require('internal/stream/readable');
const { Writable } = require('internal/stream/writable');
const { Duplex } = require('internal/stream/duplex');
const { argType, checkFunction, abortError } = require('internal/errors');
const { asyncIterator } = require('internal/symbols');
const { nextTick } = require('internal/stream/state');
const { Buffer } = require('buffer');

Readable.from = function from(iterable, options) {
  if (typeof iterable === 'string' || Buffer.isBuffer(iterable)) {
    return new Readable({ objectMode: true, ...options, read() { this.push(iterable); this.push(null); } });
  }
  if (!iterable || !(iterable[asyncIterator] || iterable[Symbol.iterator])) throw argType('iterable', 'an instance of Iterable', iterable);
  const iterator = iterable[asyncIterator] ? iterable[asyncIterator]() : iterable[Symbol.iterator]();
  let reading = false;
  const stream = new Readable({
    objectMode: true,
    highWaterMark: 1,
    ...options,
    read() {
      if (!reading) {
        reading = true;
        next();
      }
    },
    destroy(err, callback) {
      const close = async () => {
        if (err && typeof iterator.throw === 'function') {
          const { done } = await iterator.throw(err);
          if (done) return;
        }
        if (typeof iterator.return === 'function') await iterator.return();
      };
      close().then(() => nextTick(callback, err), (e) => nextTick(callback, e || err));
    },
  });
  async function next() {
    for (;;) {
      try {
        let result = iterator.next();
        if (result && typeof result.then === 'function') result = await result;
        if (result.done) {
          stream.push(null);
          return;
        }
        let { value } = result;
        if (value && typeof value.then === 'function') value = await value;
        if (value === null) {
          reading = false;
          throw Object.assign(new TypeError('May not write null values to stream'), { code: 'ERR_STREAM_NULL_VALUES' });
        }
        if (stream.push(value)) continue;
        reading = false;
      } catch (e) {
        stream.destroy(e);
      }
      return;
    }
  }
  return stream;
};

const checked = (f) => function (fn, options) {
  checkFunction(fn, 'fn');
  return f.call(this, fn, options || {});
};

// each visits the chunks of a stream until visit returns true.
async function each(stream, visit, options) {
  const { signal } = options || {};
  const it = stream[asyncIterator]();
  for (;;) {
    if (signal && signal.aborted) {
      await it.return();
      throw abortError(signal);
    }
    const { value, done } = await it.next();
    if (done) return;
    let stop;
    try {
      stop = await visit(value);
    } catch (e) {
      await it.return();
      throw e;
    }
    if (stop === true) {
      await it.return();
      return;
    }
  }
}

// through makes a stream of what visit gives for each chunk: a list of chunks, or undefined to end.
function through(source, visit) {
  const it = source[asyncIterator]();
  let ready = [];
  return Readable.from({
    [asyncIterator]() { return this; },
    async next() {
      for (;;) {
        if (ready.length) return { value: ready.shift(), done: false };
        const { value, done } = await it.next();
        if (done) return { value: undefined, done: true };
        const list = await visit(value);
        if (list === undefined) {
          await it.return();
          return { value: undefined, done: true };
        }
        ready = list;
      }
    },
    return: () => it.return(),
  });
}

Object.assign(Readable.prototype, {
  map: checked(function map(fn, o) { return through(this, async (v) => [await fn(v, o)]); }),
  filter: checked(function filter(fn, o) { return through(this, async (v) => ((await fn(v, o)) ? [v] : [])); }),
  flatMap: checked(function flatMap(fn, o) {
    return through(this, async (v) => {
      const result = await fn(v, o);
      const list = [];
      if (result && result[asyncIterator]) await each(result, (x) => { list.push(x); });
      else list.push(...result);
      return list;
    });
  }),
  take(n) {
    let left = n;
    return n <= 0 ? Readable.from([]) : through(this, (v) => (left-- > 0 ? [v] : undefined));
  },
  drop(n) {
    let left = n;
    return through(this, (v) => (left-- > 0 ? [] : [v]));
  },
  async toArray(options) {
    const list = [];
    await each(this, (v) => { list.push(v); }, options);
    return list;
  },
  forEach: checked(async function forEach(fn, o) { await each(this, async (v) => { await fn(v, o); }, o); }),
  some: checked(async function some(fn, o) {
    let found = false;
    await each(this, async (v) => (found = Boolean(await fn(v, o))), o);
    return found;
  }),
  every: checked(async function every(fn, o) {
    let all = true;
    await each(this, async (v) => !(all = Boolean(await fn(v, o))), o);
    return all;
  }),
  find: checked(async function find(fn, o) {
    let found;
    await each(this, async (v) => {
      if (!(await fn(v, o))) return false;
      found = v;
      return true;
    }, o);
    return found;
  }),
  async reduce(fn, initial) {
    checkFunction(fn, 'reducer');
    let sum = initial;
    let begun = initial !== undefined;
    await each(this, async (v) => {
      sum = begun ? await fn(sum, v, {}) : v;
      begun = true;
    });
    if (!begun) throw new TypeError('Reduce of an empty stream requires an initial value');
    return sum;
  },
});

// Web streams: https://nodejs.org/api/stream.html#streamreadablefromwebreadablestream-options

Readable.fromWeb = function fromWeb(readableStream, options) {
  const reader = readableStream.getReader();
  let closed = false;
  return new Readable({
    ...options,
    read() {
      reader.read().then(({ value, done }) => {
        if (done) {
          closed = true;
          this.push(null);
        } else this.push(value);
      }, (e) => this.destroy(e));
    },
    destroy(err, callback) {
      if (closed) return callback(err);
      closed = true;
      reader.cancel(err || undefined).then(() => callback(err), () => callback(err));
    },
  });
};

Readable.toWeb = function toWeb(stream, options = {}) {
  const { finished } = require('internal/stream/pipeline');
  const objects = stream.readableObjectMode;
  let clean;
  return new ReadableStream({
    start(controller) {
      stream.pause();
      clean = finished(stream, { writable: false }, (err) => {
        stream.on('error', () => {});
        if (err && err.code === 'ERR_STREAM_PREMATURE_CLOSE') err = abortError();
        if (err) controller.error(err);
        else try { controller.close(); } catch { /* it was cancelled */ }
      });
      stream.on('data', (chunk) => {
        if (!objects && Buffer.isBuffer(chunk)) chunk = new Uint8Array(chunk);
        controller.enqueue(chunk);
        if (controller.desiredSize <= 0) stream.pause();
      });
      stream.pause();
    },
    pull() { stream.resume(); },
    cancel(reason) {
      clean();
      stream.on('error', () => {});
      stream.destroy(reason instanceof Error ? reason : undefined);
    },
  }, options.strategy || (objects ? new CountQueuingStrategy({ highWaterMark: stream.readableHighWaterMark }) : { highWaterMark: stream.readableHighWaterMark, size: (c) => (c ? c.byteLength : 0) }));
};

Writable.fromWeb = function fromWeb(writableStream, options) {
  const writer = writableStream.getWriter();
  let closed = false;
  const stream = new Writable({
    ...options,
    write(chunk, encoding, callback) {
      if (Buffer.isBuffer(chunk)) chunk = new Uint8Array(chunk);
      writer.ready.then(() => writer.write(chunk)).then(() => callback(), callback);
    },
    final(callback) {
      closed = true;
      writer.close().then(() => callback(), callback);
    },
    destroy(err, callback) {
      if (closed) return callback(err);
      closed = true;
      writer.abort(err || undefined).then(() => callback(err), () => callback(err));
    },
  });
  writer.closed.then(() => { closed = true; }, (e) => { closed = true; stream.destroy(e); });
  return stream;
};

Writable.toWeb = function toWeb(stream) {
  return new WritableStream({
    start(controller) { stream.on('error', (e) => controller.error(e)); },
    write(chunk) {
      if (stream.writableNeedDrain || !stream.write(chunk)) {
        return new Promise((resolve, reject) => {
          stream.once('drain', resolve);
          stream.once('error', reject);
        });
      }
    },
    close() { return new Promise((resolve, reject) => { stream.once('error', reject); stream.end(resolve); }); },
    abort(reason) { stream.destroy(reason instanceof Error ? reason : undefined); },
  });
};

Duplex.toWeb = (stream) => ({ readable: Readable.toWeb(stream), writable: Writable.toWeb(stream) });

// A duplex of two halves that know nothing of each other.
function join(readable, writable, options) {
  const d = new Duplex({
    readableObjectMode: Boolean(readable && readable.readableObjectMode),
    writableObjectMode: Boolean(writable && writable.writableObjectMode),
    ...options,
    readable: Boolean(readable),
    writable: Boolean(writable),
    read() { if (readable) readable.resume(); },
    write(chunk, encoding, callback) {
      if (writable.write(chunk, encoding)) callback();
      else writable.once('drain', () => callback());
    },
    final(callback) { writable.end((e) => callback(e)); },
    destroy(err, callback) {
      if (readable && !readable.destroyed) readable.destroy(err);
      if (writable && !writable.destroyed) writable.destroy(err);
      callback(err);
    },
  });
  if (readable) {
    readable.on('data', (chunk) => { if (!d.push(chunk)) readable.pause(); });
    readable.on('end', () => d.push(null));
    readable.on('error', (e) => d.destroy(e));
    readable.pause();
  }
  if (writable) writable.on('error', (e) => d.destroy(e));
  return d;
}

Duplex.fromWeb = (pair, options) => join(Readable.fromWeb(pair.readable, options), Writable.fromWeb(pair.writable, options), options);
Duplex.from = function from(body) {
  if (body instanceof Duplex) return body;
  if (body instanceof Readable) return join(body, undefined, {});
  if (body instanceof Writable) return join(undefined, body, {});
  if (body && (body.readable || body.writable) && typeof body === 'object' && !body[asyncIterator]) return join(body.readable, body.writable, {});
  return join(Readable.from(body), undefined, { readableObjectMode: true });
};
