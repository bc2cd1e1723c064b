// Signatures and RSA encryption: https://nodejs.org/api/crypto.html#class-sign
const { Writable } = require('stream');
const { Buffer } = require('buffer');
const { argType, argValue, coded, checkString } = require('internal/errors');
const { read, isData, isBuffer } = require('internal/crypto/keys');
const { later } = require('internal/crypto/later');

const anyBuffer = 'an instance of Buffer, TypedArray, or DataView';
const invalidDigest = (message) => coded(TypeError, 'ERR_CRYPTO_INVALID_DIGEST', message);

// options reads what a key is given with: its padding, salt length and encoding of ECDSA.
function options(key) {
  const { padding, saltLength, dsaEncoding = 'der' } = key !== null && typeof key === 'object' ? key : {};
  if (padding !== undefined && !Number.isInteger(padding)) throw argValue('options.padding', padding);
  if (saltLength !== undefined && !Number.isInteger(saltLength)) throw argValue('options.saltLength', saltLength);
  if (dsaEncoding !== 'der' && dsaEncoding !== 'ieee-p1363') throw argValue('options.dsaEncoding', dsaEncoding);
  return [padding, saltLength, dsaEncoding === 'ieee-p1363'];
}

class Signature extends Writable {
  #hash;
  #algorithm;
  constructor(algorithm, options) {
    super(options);
    checkString(algorithm, 'algorithm');
    this.#algorithm = algorithm;
    this.#hash = native.hasher(algorithm);
    if (!this.#hash) throw invalidDigest('Invalid digest');
  }
  _write(chunk, encoding, callback) {
    this.update(chunk, encoding);
    callback();
  }
  update(data, encoding) {
    if (typeof data !== 'string' && !ArrayBuffer.isView(data)) throw argType('data', `of type string or ${anyBuffer}`, data);
    if (!this.#hash) throw coded(Error, 'ERR_CRYPTO_INVALID_STATE', 'Not initialised');
    this.#hash.update(data, encoding);
    return this;
  }
  static finish(signature) {
    const hash = signature.#hash;
    if (!hash) throw coded(Error, 'ERR_CRYPTO_INVALID_STATE', 'Not initialised');
    signature.#hash = undefined;
    return [signature.#algorithm, hash.digest()];
  }
}
const { finish } = Signature;
delete Signature.finish;

class Sign extends Signature {
  sign(key, encoding) {
    if (!key) throw coded(Error, 'ERR_CRYPTO_SIGN_KEY_REQUIRED', 'No key provided to sign');
    const handle = read(key, false, false);
    const given = options(key);
    const out = native.sign(...finish(this), handle, ...given, true);
    return encoding && encoding !== 'buffer' ? out.toString(encoding) : out;
  }
}
class Verify extends Signature {
  verify(key, signature, encoding) {
    const handle = read(key, true, false);
    const given = options(key);
    if (typeof signature === 'string') signature = Buffer.from(signature, encoding);
    if (!ArrayBuffer.isView(signature)) throw argType('signature', anyBuffer, signature);
    return native.verify(...finish(this), handle, ...given, true, signature);
  }
}

function checkOneShot(algorithm, data) {
  if (algorithm !== undefined && algorithm !== null) checkString(algorithm, 'algorithm');
  if (!isData(data)) throw argType('data', 'of type string or an instance of ArrayBuffer, Buffer, TypedArray, or DataView', data);
}
function sign(algorithm, data, key, callback) {
  checkOneShot(algorithm, data);
  if (!key) throw coded(Error, 'ERR_CRYPTO_SIGN_KEY_REQUIRED', 'No key provided to sign');
  const handle = read(key, false, false);
  const given = options(key);
  const work = () => native.sign(algorithm, data, handle, ...given, false);
  return callback === undefined ? work() : later(callback, work);
}
function verify(algorithm, data, key, signature, callback) {
  checkOneShot(algorithm, data);
  const handle = read(key, true, false);
  const given = options(key);
  if (!isBuffer(signature)) throw argType('signature', anyBuffer, signature);
  const work = () => native.verify(algorithm, data, handle, ...given, false, signature);
  return callback === undefined ? work() : later(callback, work);
}

// cipher makes one of the four functions that encrypt and decrypt with RSA.
const cipher = (name, isPublic, padding) => ({ [name](key, buffer) {
  const handle = read(key, isPublic, false);
  const { oaepHash = 'sha1', oaepLabel, encoding } = key !== null && typeof key === 'object' ? key : {};
  checkString(oaepHash, 'key.oaepHash');
  if (oaepLabel !== undefined && !isBuffer(oaepLabel)) {
    throw argType('key.oaepLabel', 'an instance of ArrayBuffer, Buffer, TypedArray, or DataView', oaepLabel);
  }
  if (!isData(buffer)) throw argType('buffer', 'of type string or an instance of ArrayBuffer, Buffer, TypedArray, or DataView', buffer);
  const data = typeof buffer === 'string' ? Buffer.from(buffer, encoding) : buffer;
  return native[name](handle, data, key.padding === undefined ? padding : key.padding, oaepHash, oaepLabel);
} })[name];

module.exports = {
  Sign, Verify, sign, verify,
  createSign: (algorithm, options) => new Sign(algorithm, options),
  createVerify: (algorithm, options) => new Verify(algorithm, options),
  publicEncrypt: cipher('publicEncrypt', true, 4),
  privateDecrypt: cipher('privateDecrypt', false, 4),
  privateEncrypt: cipher('privateEncrypt', false, 1),
  publicDecrypt: cipher('publicDecrypt', true, 1),
};
