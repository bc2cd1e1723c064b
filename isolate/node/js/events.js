// https://nodejs.org/api/events.html
const { argType, coded, checkFunction, checkNumber, abortError } = require('internal/errors');
const { asyncIterator } = require('internal/symbols');

const kCapture = Symbol('kCapture');
const kRejection = Symbol.for('nodejs.rejection');
const kErrorMonitor = Symbol('events.errorMonitor');
let defaultMaxListeners = 10;
let captureRejections = false;

function EventEmitter(options) {
  EventEmitter.init.call(this, options);
}

EventEmitter.init = function (options) {
  if (this._events === undefined || this._events === Object.getPrototypeOf(this)._events) {
    this._events = Object.create(null);
    this._eventsCount = 0;
  }
  this._maxListeners = this._maxListeners || undefined;
  this[kCapture] = options && options.captureRejections !== undefined ? Boolean(options.captureRejections) : captureRejections;
};

const proto = EventEmitter.prototype;
proto._events = undefined;
proto._eventsCount = 0;
proto._maxListeners = undefined;

// tableOf is the emitter's listeners: for each name a function, or an array of several.
function tableOf(emitter) {
  if (emitter._events === undefined) {
    emitter._events = Object.create(null);
    emitter._eventsCount = 0;
  }
  return emitter._events;
}

function add(emitter, name, listener, first) {
  checkFunction(listener, 'listener');
  let table = tableOf(emitter);
  if (table.newListener !== undefined) {
    emitter.emit('newListener', name, listener.listener ? listener.listener : listener);
    table = tableOf(emitter);
  }
  const list = table[name];
  if (list === undefined) {
    table[name] = listener;
    emitter._eventsCount++;
    return emitter;
  }
  let all = list;
  if (typeof list === 'function') table[name] = all = first ? [listener, list] : [list, listener];
  else if (first) list.unshift(listener);
  else list.push(listener);
  const most = emitter.getMaxListeners();
  if (most > 0 && all.length > most && !all.warned) {
    all.warned = true;
    const w = new Error(`Possible EventEmitter memory leak detected. ${all.length} ${String(name)} listeners added to ${require('util').inspect(emitter, { depth: -1 })}. Use emitter.setMaxListeners() to increase limit`);
    w.name = 'MaxListenersExceededWarning';
    w.emitter = emitter;
    w.type = name;
    w.count = all.length;
    require('process').emitWarning(w);
  }
  return emitter;
}

function onceWrapper(emitter, name, listener) {
  let fired = false;
  function wrapped(...args) {
    if (fired) return undefined;
    fired = true;
    emitter.removeListener(name, wrapped);
    return listener.apply(emitter, args);
  }
  wrapped.listener = listener;
  return wrapped;
}

proto.on = function on(name, listener) { return add(this, name, listener, false); };
proto.addListener = proto.on;
proto.prependListener = function prependListener(name, listener) { return add(this, name, listener, true); };
proto.once = function once(name, listener) {
  checkFunction(listener, 'listener');
  return this.on(name, onceWrapper(this, name, listener));
};
proto.prependOnceListener = function prependOnceListener(name, listener) {
  checkFunction(listener, 'listener');
  return this.prependListener(name, onceWrapper(this, name, listener));
};

proto.removeListener = function removeListener(name, listener) {
  checkFunction(listener, 'listener');
  const table = this._events;
  const list = table && table[name];
  if (list === undefined) return this;
  let original = listener;
  if (typeof list === 'function') {
    if (list !== listener && list.listener !== listener) return this;
    original = list.listener || listener;
    delete table[name];
    this._eventsCount--;
  } else {
    let i = list.length - 1;
    while (i >= 0 && list[i] !== listener && list[i].listener !== listener) i--;
    if (i < 0) return this;
    original = list[i].listener || listener;
    if (list.length === 2) table[name] = list[1 - i];
    else {
      // A copy: emit may be walking over the old one.
      const rest = list.slice();
      rest.splice(i, 1);
      rest.warned = list.warned;
      table[name] = rest;
    }
  }
  if (table.removeListener !== undefined) this.emit('removeListener', name, original);
  return this;
};
proto.off = proto.removeListener;

proto.removeAllListeners = function removeAllListeners(name) {
  const table = this._events;
  if (table === undefined) return this;
  if (table.removeListener === undefined) {
    if (name === undefined) {
      this._events = Object.create(null);
      this._eventsCount = 0;
    } else if (table[name] !== undefined) {
      delete table[name];
      this._eventsCount--;
    }
    return this;
  }
  if (name === undefined) {
    for (const key of Reflect.ownKeys(table)) if (key !== 'removeListener') this.removeAllListeners(key);
    this.removeAllListeners('removeListener');
    this._events = Object.create(null);
    this._eventsCount = 0;
    return this;
  }
  const list = table[name];
  if (typeof list === 'function') this.removeListener(name, list);
  else if (list !== undefined) for (let i = list.length - 1; i >= 0; i--) this.removeListener(name, list[i]);
  return this;
};

function settle(emitter, result, name, args) {
  if (!emitter[kCapture] || result === undefined || result === null || typeof result.then !== 'function') return;
  result.then(undefined, (err) => require('process').nextTick(() => {
    if (typeof emitter[kRejection] === 'function') return emitter[kRejection](err, name, ...args);
    const before = emitter[kCapture];
    emitter[kCapture] = false; // an error listener that fails must not be called for that
    try { emitter.emit('error', err); } finally { emitter[kCapture] = before; }
  }));
}

proto.emit = function emit(name, ...args) {
  const table = this._events;
  if (name === 'error') {
    if (table !== undefined && table[kErrorMonitor] !== undefined) this.emit(kErrorMonitor, ...args);
    if (table === undefined || table.error === undefined) throw unhandled(args[0], args.length > 0);
  }
  const list = table && table[name];
  if (list === undefined) return false;
  if (typeof list === 'function') {
    const result = Reflect.apply(list, this, args);
    if (result !== undefined) settle(this, result, name, args);
    return true;
  }
  const copy = list.slice();
  for (let i = 0; i < copy.length; i++) {
    const result = Reflect.apply(copy[i], this, args);
    if (result !== undefined) settle(this, result, name, args);
  }
  return true;
};

function unhandled(er, given) {
  if (er instanceof Error) return er;
  let shown;
  try { shown = require('util').inspect(er); } catch { shown = er; }
  const err = coded(Error, 'ERR_UNHANDLED_ERROR', `Unhandled error. (${given ? shown : 'undefined'})`);
  err.context = er;
  return err;
}

const listed = (emitter, name) => {
  const list = emitter._events && emitter._events[name];
  return list === undefined ? [] : typeof list === 'function' ? [list] : list.slice();
};
proto.listeners = function listeners(name) { return listed(this, name).map((f) => f.listener || f); };
proto.rawListeners = function rawListeners(name) { return listed(this, name); };
proto.listenerCount = function listenerCount(name, listener) {
  const list = listed(this, name);
  return listener ? list.filter((f) => f === listener || f.listener === listener).length : list.length;
};
proto.eventNames = function eventNames() { return this._events === undefined ? [] : Reflect.ownKeys(this._events); };
proto.setMaxListeners = function setMaxListeners(n) {
  checkNumber(n, 'setMaxListeners', 0);
  this._maxListeners = n;
  return this;
};
proto.getMaxListeners = function getMaxListeners() {
  return this._maxListeners === undefined ? defaultMaxListeners : this._maxListeners;
};
Object.defineProperty(proto, kCapture, { value: false, writable: true, enumerable: false });

// Either kind of target.

function listen(target, name, listener, once) {
  if (typeof target.on === 'function') return once ? target.once(name, listener) : target.on(name, listener);
  if (typeof target.addEventListener === 'function') return target.addEventListener(name, listener, { once: Boolean(once) });
  throw argType('emitter', 'an instance of EventEmitter', target);
}
function unlisten(target, name, listener) {
  if (typeof target.removeListener === 'function') target.removeListener(name, listener);
  else target.removeEventListener(name, listener);
}

function checkSignal(signal, name) {
  if (signal !== undefined && (signal === null || typeof signal !== 'object' || !('aborted' in signal))) {
    throw argType(name, 'an instance of AbortSignal', signal);
  }
}

async function once(emitter, name, options) {
  const signal = options ? options.signal : undefined;
  checkSignal(signal, 'options.signal');
  if (signal && signal.aborted) throw abortError(signal);
  return new Promise((resolve, reject) => {
    const isEmitter = typeof emitter.on === 'function';
    const clean = () => {
      unlisten(emitter, name, done);
      if (isEmitter && name !== 'error') unlisten(emitter, 'error', failed);
      if (signal) signal.removeEventListener('abort', aborted);
    };
    const done = (...args) => { clean(); resolve(args); };
    const failed = (err) => { clean(); reject(err); };
    const aborted = () => { clean(); reject(abortError(signal)); };
    listen(emitter, name, done, true);
    if (isEmitter && name !== 'error') emitter.once('error', failed);
    if (signal) signal.addEventListener('abort', aborted, { once: true });
  });
}

function on(emitter, name, options = {}) {
  const signal = options.signal;
  checkSignal(signal, 'options.signal');
  if (signal && signal.aborted) throw abortError(signal);
  const values = [];
  const waiting = [];
  let error = null;
  let ended = false;
  const clean = () => {
    unlisten(emitter, name, arrived);
    if (name !== 'error' && typeof emitter.on === 'function') unlisten(emitter, 'error', failed);
    for (const close of options.close || []) unlisten(emitter, close, finish);
    if (signal) signal.removeEventListener('abort', aborted);
  };
  const arrived = (...args) => {
    const w = waiting.shift();
    if (w) w.resolve({ value: args, done: false });
    else values.push(args);
  };
  const failed = (err) => {
    clean();
    const w = waiting.shift();
    if (w) w.reject(err);
    else error = err;
    ended = true;
  };
  const finish = () => {
    clean();
    ended = true;
    for (const w of waiting.splice(0)) w.resolve({ value: undefined, done: true });
    return Promise.resolve({ value: undefined, done: true });
  };
  const aborted = () => failed(abortError(signal));
  listen(emitter, name, arrived);
  if (name !== 'error' && typeof emitter.on === 'function') emitter.on('error', failed);
  for (const close of options.close || []) listen(emitter, close, finish);
  if (signal) signal.addEventListener('abort', aborted, { once: true });
  return {
    next() {
      if (values.length) return Promise.resolve({ value: values.shift(), done: false });
      if (error) {
        const e = error;
        error = null;
        return Promise.reject(e);
      }
      if (ended) return Promise.resolve({ value: undefined, done: true });
      return new Promise((resolve, reject) => waiting.push({ resolve, reject }));
    },
    return: finish,
    throw(err) {
      if (!(err instanceof Error)) throw argType('EventEmitter.AsyncIterator', 'an instance of Error', err);
      failed(err);
    },
    [asyncIterator]() { return this; },
  };
}

function getEventListeners(target, name) {
  if (typeof target.listeners === 'function') return target.listeners(name);
  if (target instanceof EventTarget) return [];
  throw argType('emitter', 'an instance of EventEmitter or EventTarget', target);
}

function addAbortListener(signal, listener) {
  if (signal === undefined) throw argType('signal', 'an instance of AbortSignal', signal);
  checkSignal(signal, 'signal');
  checkFunction(listener, 'listener');
  let remove;
  if (signal.aborted) queueMicrotask(() => listener());
  else {
    signal.addEventListener('abort', listener, { once: true });
    remove = () => signal.removeEventListener('abort', listener);
  }
  return { [require('internal/symbols').dispose]() { if (remove) remove(); } };
}

let ResourceEmitter;
function makeResourceEmitter() {
  const { AsyncResource } = require('async_hooks');
  return class EventEmitterAsyncResource extends EventEmitter {
    #resource;
    constructor(options) {
      const name = typeof options === 'string' ? options : options && options.name;
      super(typeof options === 'string' ? undefined : options);
      this.#resource = new AsyncResource(name || new.target.name);
    }
    emit(name, ...args) { return this.#resource.runInAsyncScope(super.emit, this, name, ...args); }
    emitDestroy() { this.#resource.emitDestroy(); }
    get asyncResource() { return this.#resource; }
    get asyncId() { return this.#resource.asyncId(); }
    get triggerAsyncId() { return this.#resource.triggerAsyncId(); }
  };
}

Object.assign(EventEmitter, {
  EventEmitter, once, on, getEventListeners, addAbortListener,
  errorMonitor: kErrorMonitor,
  captureRejectionSymbol: kRejection,
  usingDomains: false,
  listenerCount: (emitter, name) => emitter.listenerCount(name),
  getMaxListeners: (target) => (typeof target.getMaxListeners === 'function' ? target.getMaxListeners() : defaultMaxListeners),
  setMaxListeners(n = defaultMaxListeners, ...targets) {
    checkNumber(n, 'setMaxListeners', 0);
    if (targets.length === 0) defaultMaxListeners = n;
    for (const t of targets) if (typeof t.setMaxListeners === 'function') t.setMaxListeners(n);
  },
});
Object.defineProperty(EventEmitter, 'EventEmitterAsyncResource', {
  enumerable: true, configurable: true, get() { return (ResourceEmitter = ResourceEmitter || makeResourceEmitter()); },
});
Object.defineProperty(EventEmitter, 'defaultMaxListeners', {
  enumerable: true, get: () => defaultMaxListeners, set(n) { checkNumber(n, 'defaultMaxListeners', 0); defaultMaxListeners = n; },
});
Object.defineProperty(EventEmitter, 'captureRejections', {
  enumerable: true, get: () => captureRejections, set(v) { captureRejections = Boolean(v); },
});

module.exports = EventEmitter;
