// https://nodejs.org/api/timers.html. A timer is an object here; its number is what the
// global functions take.
const { checkFunction } = require('internal/errors');
const { dispose } = require('internal/symbols');

class Timeout {
  constructor(callback, delay, args, repeat) {
    this._repeat = repeat;
    this._idleTimeout = delay >= 1 && delay <= 2147483647 ? Math.trunc(delay) : 1;
    this._start = () => {
      const run = () => {
        if (!repeat) this._destroyed = true;
        callback.apply(this, args);
      };
      this._id = repeat ? globalThis.setInterval(run, this._idleTimeout) : globalThis.setTimeout(run, this._idleTimeout);
    };
    this._destroyed = false;
    this._refed = true;
    this._start();
  }
  ref() { this._refed = true; return this; }
  unref() { this._refed = false; return this; }
  hasRef() { return this._refed; }
  refresh() {
    if (!this._destroyed) {
      globalThis.clearTimeout(this._id);
      this._start();
    }
    return this;
  }
  close() { clearTimeout(this); return this; }
  [Symbol.toPrimitive]() { return this._id; }
}
Object.defineProperty(Timeout.prototype, dispose, { value() { this.close(); }, writable: true, configurable: true });

function setTimeout(callback, delay, ...args) {
  checkFunction(callback, 'callback');
  return new Timeout(callback, +delay, args, false);
}
function setInterval(callback, delay, ...args) {
  checkFunction(callback, 'callback');
  return new Timeout(callback, +delay, args, true);
}
function clearTimeout(timer) {
  if (timer instanceof Timeout) {
    timer._destroyed = true;
    timer = timer._id;
  }
  if (timer !== undefined && timer !== null) globalThis.clearTimeout(Number(timer));
}
function setImmediate(callback, ...args) {
  checkFunction(callback, 'callback');
  return globalThis.setImmediate(callback, ...args);
}

module.exports = {
  setTimeout, clearTimeout, setImmediate,
  clearImmediate(immediate) { globalThis.clearImmediate(immediate); },
  setInterval,
  clearInterval: clearTimeout,
  active() {}, enroll() {}, unenroll() {}, _unrefActive() {},
};
Object.defineProperty(module.exports, 'promises', { enumerable: true, configurable: true, get: () => require('timers/promises') });
const kPromisify = Symbol.for('nodejs.util.promisify.custom');
for (const name of ['setTimeout', 'setImmediate']) {
  Object.defineProperty(module.exports[name], kPromisify, { enumerable: true, get: () => require('timers/promises')[name] });
}
