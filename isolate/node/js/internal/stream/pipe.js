// https://nodejs.org/api/stream.html#readablepipedestination-options, unpipe and wrap
const { nextTick, fail } = require('internal/stream/state');

exports.pipe = function pipe(dest, options) {
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
exports.unpipe = function unpipe(dest) {
  const s = this._readableState;
  const gone = dest === undefined ? s.pipes.slice() : s.pipes.includes(dest) ? [dest] : [];
  s.pipes = s.pipes.filter((d) => !gone.includes(d));
  if (gone.length && s.pipes.length === 0) this.pause();
  for (const d of gone) d.emit('unpipe', this, { hasUnpiped: false });
  return this;
};

exports.wrap = function wrap(old) {
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
