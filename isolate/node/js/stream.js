// https://nodejs.org/api/stream.html
const Stream = require('internal/stream/legacy');
const { Readable } = require('internal/stream/readable');
const { Writable } = require('internal/stream/writable');
const { Duplex } = require('internal/stream/duplex');
const { Transform, PassThrough } = require('internal/stream/transform');
const { addAbortSignal, defaultMark } = require('internal/stream/state');
const { finished, pipeline } = require('internal/stream/pipeline');
const { checkInteger } = require('internal/errors');
require('internal/stream/from');

module.exports = Object.assign(Stream, {
  Stream, Readable, Writable, Duplex, Transform, PassThrough, finished, pipeline, addAbortSignal,
  destroy(stream, err) { stream.destroy(err); return stream; },
  isDisturbed: (s) => Boolean(s && (s.readableDidRead || s.readableAborted)),
  isErrored: (s) => Boolean(s && s.errored),
  isReadable: (s) => Boolean(s && s.readable),
  isWritable: (s) => Boolean(s && s.writable),
  getDefaultHighWaterMark: (objects) => (objects ? defaultMark.objects : defaultMark.bytes),
  setDefaultHighWaterMark(objects, n) {
    checkInteger(n, 'value', 0);
    defaultMark[objects ? 'objects' : 'bytes'] = n;
  },
  _isUint8Array: (v) => v instanceof Uint8Array,
});
Object.defineProperty(Stream, 'promises', { enumerable: true, configurable: true, get: () => require('stream/promises') });

const kPromisify = Symbol.for('nodejs.util.promisify.custom');
for (const name of ['pipeline', 'finished']) {
  Object.defineProperty(Stream[name], kPromisify, { enumerable: true, get: () => require('stream/promises')[name] });
}
