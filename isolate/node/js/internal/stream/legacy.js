// The oldest stream, which all others inherit from: https://nodejs.org/api/stream.html
const EventEmitter = require('events');

function Stream(options) { EventEmitter.call(this, options); }
Object.setPrototypeOf(Stream.prototype, EventEmitter.prototype);
Object.setPrototypeOf(Stream, EventEmitter);

Stream.prototype.pipe = function pipe(dest) {
  this.on('data', (chunk) => { if (dest.write(chunk) === false && this.pause) this.pause(); });
  dest.on('drain', () => { if (this.resume) this.resume(); });
  this.on('end', () => dest.end());
  dest.emit('pipe', this);
  return dest;
};

module.exports = Stream;
