// https://nodejs.org/api/timers.html#timers-promises-api
const timers = require('timers');
const { abortError, argType, checkObject } = require('internal/errors');
const { asyncIterator } = require('internal/symbols');

function signalOf(options) {
  if (options === undefined) return undefined;
  if (options === null || typeof options !== 'object') throw argType('options', 'of type object', options);
  const { signal } = options;
  if (signal !== undefined && (signal === null || typeof signal !== 'object' || !('aborted' in signal))) {
    throw argType('options.signal', 'an instance of AbortSignal', signal);
  }
  return signal;
}

function wait(start, stop, value, options) {
  let signal;
  try { signal = signalOf(options); } catch (e) { return Promise.reject(e); }
  if (signal && signal.aborted) return Promise.reject(abortError(signal));
  return new Promise((resolve, reject) => {
    let abort;
    const timer = start(() => {
      if (signal) signal.removeEventListener('abort', abort);
      resolve(value);
    });
    if (signal) {
      abort = () => {
        stop(timer);
        reject(abortError(signal));
      };
      signal.addEventListener('abort', abort, { once: true });
    }
  });
}

const setTimeout = (delay, value, options) => wait((f) => timers.setTimeout(f, delay), timers.clearTimeout, value, options);
const setImmediate = (value, options) => wait((f) => timers.setImmediate(f), timers.clearImmediate, value, options);

function setInterval(delay, value, options) {
  let done = false;
  return {
    async next() {
      if (done) return { value: undefined, done: true };
      await setTimeout(delay, undefined, options);
      return { value, done: false };
    },
    async return() {
      done = true;
      return { value: undefined, done: true };
    },
    [asyncIterator]() { return this; },
  };
}

module.exports = {
  setTimeout, setImmediate, setInterval,
  scheduler: {
    wait: (delay, options) => setTimeout(delay, undefined, options),
    yield: () => setImmediate(),
  },
};
