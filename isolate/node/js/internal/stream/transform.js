// https://nodejs.org/api/stream.html#class-streamtransform
const { coded } = require('internal/errors');
const { Duplex } = require('internal/stream/duplex');

const kCallback = Symbol('kCallback');

function Transform(options) {
  if (!(this instanceof Transform)) return new Transform(options);
  options = options || {};
  Duplex.call(this, options);
  this._readableState.sync = false;
  this[kCallback] = null;
  if (typeof options.transform === 'function') this._transform = options.transform;
  if (typeof options.flush === 'function') this._flush = options.flush;
  this.on('prefinish', () => { if (this._final !== Transform.prototype._final) Transform.prototype._final.call(this, () => {}); });
}
Object.setPrototypeOf(Transform.prototype, Duplex.prototype);
Object.setPrototypeOf(Transform, Duplex);

Transform.prototype._final = function (callback) {
  if (typeof this._flush === 'function' && !this.destroyed) {
    const done = (err, data) => {
      if (err) {
        if (callback) callback(err);
        else this.destroy(err);
        return;
      }
      if (data !== undefined && data !== null) this.push(data);
      this.push(null);
      if (callback) callback();
    };
    try { this._flush(done); } catch (e) { done(e); }
  } else {
    this.push(null);
    if (callback) callback();
  }
};
Transform.prototype._transform = function () { throw coded(Error, 'ERR_METHOD_NOT_IMPLEMENTED', 'The _transform() method is not implemented'); };
Transform.prototype._write = function (chunk, encoding, callback) {
  const r = this._readableState;
  const w = this._writableState;
  const length = r.length;
  this._transform(chunk, encoding, (err, value) => {
    if (err) return callback(err);
    if (value !== undefined && value !== null) this.push(value);
    if (w.ended || length === r.length || r.length < r.highWaterMark) callback();
    else this[kCallback] = callback;
  });
};
Transform.prototype._read = function () {
  if (this[kCallback]) {
    const callback = this[kCallback];
    this[kCallback] = null;
    callback();
  }
};

function PassThrough(options) {
  if (!(this instanceof PassThrough)) return new PassThrough(options);
  Transform.call(this, options);
}
Object.setPrototypeOf(PassThrough.prototype, Transform.prototype);
Object.setPrototypeOf(PassThrough, Transform);
PassThrough.prototype._transform = function (chunk, encoding, callback) { callback(null, chunk); };

module.exports = { Transform, PassThrough };
