// https://nodejs.org/api/diagnostics_channel.html
const { argType, checkFunction } = require('internal/errors');

const channels = new Map();

class Channel {
  constructor(name) {
    this.name = name;
    this._subscribers = [];
    this._stores = new Map();
  }
  get hasSubscribers() { return this._subscribers.length > 0 || this._stores.size > 0; }
  subscribe(f) {
    checkFunction(f, 'subscription');
    this._subscribers = [...this._subscribers, f];
  }
  unsubscribe(f) {
    const i = this._subscribers.indexOf(f);
    if (i < 0) return false;
    this._subscribers = this._subscribers.filter((_, at) => at !== i);
    return true;
  }
  bindStore(store, transform) { this._stores.set(store, transform); }
  unbindStore(store) { return this._stores.delete(store); }
  publish(data) {
    for (const f of this._subscribers) {
      try { f(data, this.name); } catch (e) { reportError(e); }
    }
  }
  runStores(data, f, thisArg, ...args) {
    let run = () => {
      this.publish(data);
      return Reflect.apply(f, thisArg, args);
    };
    for (const [store, transform] of this._stores) {
      const inner = run;
      run = () => {
        let context = data;
        if (transform) {
          try { context = transform(data); } catch (e) {
            reportError(e);
            return inner();
          }
        }
        return store.run(context, inner);
      };
    }
    return run();
  }
}

function channel(name) {
  if (typeof name !== 'string' && typeof name !== 'symbol') throw argType('channel', 'one of type string or symbol', name);
  if (!channels.has(name)) channels.set(name, new Channel(name));
  return channels.get(name);
}

const events = ['start', 'end', 'asyncStart', 'asyncEnd', 'error'];

class TracingChannel {
  constructor(nameOrChannels) {
    for (const e of events) {
      this[e] = typeof nameOrChannels === 'string' ? channel(`tracing:${nameOrChannels}:${e}`) : nameOrChannels[e];
    }
  }
  get hasSubscribers() { return events.some((e) => this[e] && this[e].hasSubscribers); }
  subscribe(handlers) { for (const e of events) if (handlers[e]) this[e].subscribe(handlers[e]); }
  unsubscribe(handlers) {
    let done = true;
    for (const e of events) if (handlers[e] && !this[e].unsubscribe(handlers[e])) done = false;
    return done;
  }
  traceSync(f, context = {}, thisArg, ...args) {
    return this.start.runStores(context, () => {
      try {
        const result = Reflect.apply(f, thisArg, args);
        context.result = result;
        return result;
      } catch (e) {
        context.error = e;
        this.error.publish(context);
        throw e;
      } finally {
        this.end.publish(context);
      }
    });
  }
  tracePromise(f, context = {}, thisArg, ...args) {
    const settled = (key, value) => {
      context[key] = value;
      if (key === 'error') this.error.publish(context);
      this.asyncStart.publish(context);
      this.asyncEnd.publish(context);
    };
    return this.start.runStores(context, () => {
      try {
        const promise = Promise.resolve(Reflect.apply(f, thisArg, args));
        return promise.then((v) => { settled('result', v); return v; }, (e) => { settled('error', e); throw e; });
      } catch (e) {
        context.error = e;
        this.error.publish(context);
        throw e;
      } finally {
        this.end.publish(context);
      }
    });
  }
  traceCallback(f, position = -1, context = {}, thisArg, ...args) {
    const callback = args.at(position);
    checkFunction(callback, 'callback');
    const { error, asyncStart, asyncEnd } = this;
    function wrapped(...results) {
      if (results[0]) {
        context.error = results[0];
        error.publish(context);
      } else context.result = results[1];
      return asyncStart.runStores(context, () => {
        try { return Reflect.apply(callback, this, results); } finally { asyncEnd.publish(context); }
      });
    }
    args.splice(position, 1, wrapped);
    return this.start.runStores(context, () => {
      try { return Reflect.apply(f, thisArg, args); } catch (e) {
        context.error = e;
        error.publish(context);
        throw e;
      } finally { this.end.publish(context); }
    });
  }
}

module.exports = {
  channel,
  hasSubscribers: (name) => channels.has(name) && channels.get(name).hasSubscribers,
  subscribe: (name, f) => channel(name).subscribe(f),
  unsubscribe: (name, f) => channel(name).unsubscribe(f),
  tracingChannel: (nameOrChannels) => new TracingChannel(nameOrChannels),
  Channel,
};
