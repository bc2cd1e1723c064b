// https://nodejs.org/api/stream.html#readablesymbolasynciterator
const { asyncIterator } = require('internal/symbols');

module.exports = function iterate(stream, { destroyOnReturn }) {
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
};
