// What a readable stream holds: how chunks come into it and are taken out.
const { Buffer } = require('buffer');
const { coded } = require('internal/errors');
const { nextTick, fail, toBytes, badChunk } = require('internal/stream/state');

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

function flow(stream) {
  const s = stream._readableState;
  while (s.flowing && stream.read() !== null);
}

module.exports = { addChunk, emitReadable, maybeReadMore, wanted, take, endReadable, flow };
