// https://nodejs.org/api/webstreams.html#utility-consumers
const { Buffer } = require('buffer');
const { asyncIterator } = require('internal/symbols');

async function buffer(stream) {
  const chunks = [];
  const it = stream[asyncIterator] ? stream[asyncIterator]() : stream[Symbol.iterator]();
  for (;;) {
    const { value, done } = await it.next();
    if (done) break;
    chunks.push(typeof value === 'string' ? Buffer.from(value) : Buffer.from(value.buffer || value, value.byteOffset, value.byteLength));
  }
  return Buffer.concat(chunks);
}
const text = async (stream) => new TextDecoder().decode(await buffer(stream));
module.exports = {
  buffer,
  arrayBuffer: async (stream) => {
    const b = await buffer(stream);
    return b.buffer.slice(b.byteOffset, b.byteOffset + b.byteLength);
  },
  blob: async (stream) => new Blob([await buffer(stream)]),
  json: async (stream) => JSON.parse(await text(stream)),
  text,
};
