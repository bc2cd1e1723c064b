// https://nodejs.org/api/crypto.html
const { Transform } = require('stream');
const { Buffer } = require('buffer');
const { argType, coded, checkFunction, checkString, checkInteger, outOfRange } = require('internal/errors');
const { KeyObject, createPrivateKey, createPublicKey, createSecretKey, handleOf, isData, secretBytes } = require('internal/crypto/keys');
const { later } = require('internal/crypto/later');

const encoded = (b, encoding) => (encoding && encoding !== 'buffer' ? b.toString(encoding) : b);
class LazyTransform extends Transform {
  _transform(chunk, encoding, callback) {
    this.update(chunk, encoding);
    callback();
  }
}

class Hash extends LazyTransform {
  #native;
  #done = false;
  constructor(inner, options) {
    super(options);
    this.#native = inner;
  }
  update(data, encoding) {
    if (this.#done) throw coded(Error, 'ERR_CRYPTO_HASH_FINALIZED', 'Digest already called');
    if (typeof data !== 'string' && !ArrayBuffer.isView(data)) throw argType('data', 'of type string or an instance of Buffer, TypedArray, or DataView', data);
    this.#native.update(data, encoding);
    return this;
  }
  digest(encoding) {
    if (this.#done) throw coded(Error, 'ERR_CRYPTO_HASH_FINALIZED', 'Digest already called');
    this.#done = true;
    return encoded(this.#native.digest(), encoding);
  }
  copy(options) {
    if (this.#done) throw coded(Error, 'ERR_CRYPTO_HASH_FINALIZED', 'Digest already called');
    return new Hash(this.#native.copy(), options);
  }
  _flush(callback) {
    this.push(this.digest());
    callback();
  }
}

class Hmac extends LazyTransform {
  #native;
  #done = false;
  constructor(inner, options) {
    super(options);
    this.#native = inner;
  }
  update(data, encoding) {
    if (this.#done) throw coded(Error, 'ERR_CRYPTO_HASH_FINALIZED', 'Digest already called');
    if (typeof data !== 'string' && !ArrayBuffer.isView(data)) throw argType('data', 'of type string or an instance of Buffer, TypedArray, or DataView', data);
    this.#native.update(data, encoding);
    return this;
  }
  digest(encoding) {
    if (this.#done) return encoded(Buffer.alloc(0), encoding);
    this.#done = true;
    return encoded(this.#native.digest(), encoding);
  }
  _flush(callback) {
    this.push(this.digest());
    callback();
  }
}

function createHash(algorithm, options) {
  checkString(algorithm, 'algorithm');
  const inner = native.hasher(algorithm);
  if (!inner) throw new Error('Digest method not supported');
  return new Hash(inner, options);
}

function hash(algorithm, data, encoding = 'hex') {
  checkString(algorithm, 'algorithm');
  return createHash(algorithm).update(data).digest(encoding);
}

function createHmac(algorithm, key, options) {
  checkString(algorithm, 'hmac');
  const inner = native.hasher(algorithm, secretBytes(key));
  if (!inner) throw coded(TypeError, 'ERR_CRYPTO_INVALID_DIGEST', `Invalid digest: ${algorithm}`);
  return new Hmac(inner, options);
}

function randomBytes(size, callback) {
  if (typeof size !== 'number') throw argType('size', 'of type number', size);
  if (!(size >= 0 && size <= 2147483647)) outOfRange('size', '>= 0 && <= 2147483647', size);
  if (callback === undefined) return native.random(Buffer.alloc(size));
  checkFunction(callback, 'callback');
  later(callback, () => native.random(Buffer.alloc(size)));
}

function part(buffer, offset = 0, size) {
  if (!ArrayBuffer.isView(buffer) && Object.prototype.toString.call(buffer) !== '[object ArrayBuffer]') {
    throw argType('buf', 'an instance of ArrayBuffer, Buffer, TypedArray, or DataView', buffer);
  }
  const unit = buffer.BYTES_PER_ELEMENT || 1;
  const length = buffer.byteLength;
  if (typeof offset !== 'number') throw argType('offset', 'of type number', offset);
  offset *= unit;
  if (!(offset >= 0 && offset <= length)) outOfRange('offset', `>= 0 && <= ${length}`, offset);
  if (size === undefined) size = length - offset;
  else {
    if (typeof size !== 'number') throw argType('size', 'of type number', size);
    size *= unit;
    if (!(size >= 0 && size + offset <= length)) outOfRange('size + offset', `<= ${length}`, size + offset);
  }
  return new Uint8Array(buffer.buffer || buffer, (buffer.byteOffset || 0) + offset, size);
}
function randomFillSync(buffer, offset, size) {
  native.random(part(buffer, offset, size));
  return buffer;
}
function randomFill(buffer, offset, size, callback) {
  if (typeof offset === 'function') [offset, size, callback] = [undefined, undefined, offset];
  else if (typeof size === 'function') [size, callback] = [undefined, size];
  checkFunction(callback, 'callback');
  const view = part(buffer, offset, size);
  later(callback, () => {
    native.random(view);
    return buffer;
  });
}

function randomInt(min, max, callback) {
  if (max === undefined || typeof max === 'function') {
    callback = max;
    max = min;
    min = 0;
  }
  if (callback !== undefined) checkFunction(callback, 'callback');
  if (!Number.isSafeInteger(min)) throw argType('min', 'a safe integer', min);
  if (!Number.isSafeInteger(max)) throw argType('max', 'a safe integer', max);
  if (max <= min) outOfRange('max', `greater than the value of "min" (${min})`, max);
  if (!(max - min <= 281474976710655)) outOfRange('max - min', '<= 281474976710655', max - min);
  if (callback === undefined) return native.randomInt(min, max);
  later(callback, () => native.randomInt(min, max));
}

function checkData(v, name) {
  if (!isData(v)) throw argType(name, 'of type string or an instance of ArrayBuffer, Buffer, TypedArray, or DataView', v);
}
function checkDerivation(password, salt) {
  checkData(password, 'password');
  checkData(salt, 'salt');
}
function checkPbkdf2(password, salt, iterations, keylen, digest) {
  checkString(digest, 'digest');
  checkDerivation(password, salt);
  checkInteger(iterations, 'iterations', 1, 2147483647);
  checkInteger(keylen, 'keylen', 0, 2147483647);
}
function pbkdf2Sync(password, salt, iterations, keylen, digest) {
  checkPbkdf2(password, salt, iterations, keylen, digest);
  return native.pbkdf2(password, salt, iterations, keylen, digest);
}
function pbkdf2(password, salt, iterations, keylen, digest, callback) {
  if (typeof digest === 'function') [digest, callback] = [undefined, digest];
  checkPbkdf2(password, salt, iterations, keylen, digest);
  checkFunction(callback, 'callback');
  later(callback, () => native.pbkdf2(password, salt, iterations, keylen, digest));
}

function scryptSync(password, salt, keylen, options = {}) {
  checkDerivation(password, salt);
  checkInteger(keylen, 'keylen', 0, 2147483647);
  const N = options.N || options.cost || 16384;
  return native.scrypt(password, salt, keylen, N, options.r || options.blockSize || 8, options.p || options.parallelization || 1, (options.maxmem || 32 * 1024 * 1024) + 1);
}
function scrypt(password, salt, keylen, options, callback) {
  if (typeof options === 'function') [options, callback] = [{}, options];
  checkDerivation(password, salt);
  checkInteger(keylen, 'keylen', 0, 2147483647);
  checkFunction(callback, 'callback');
  later(callback, () => scryptSync(password, salt, keylen, options));
}

function hkdfSync(digest, key, salt, info, keylen) {
  checkString(digest, 'digest');
  key = handleOf(key) ? secretBytes(key) : key;
  checkData(key, 'ikm');
  checkData(salt, 'salt');
  checkData(info, 'info');
  checkInteger(keylen, 'length', 0, 2147483647);
  return native.hkdf(digest, key, salt, info, keylen);
}
function hkdf(digest, key, salt, info, keylen, callback) {
  checkFunction(callback, 'callback');
  later(callback, () => hkdfSync(digest, key, salt, info, keylen));
}

class CipherBase extends Transform {
  #native;
  #decoder;
  constructor(name, key, iv, encrypts, options = {}) {
    super(options);
    checkString(name, 'cipher');
    this.#native = native.cipher(name, secretBytes(key), iv, encrypts, options.authTagLength || 16);
    if (!this.#native) throw coded(Error, 'ERR_CRYPTO_UNKNOWN_CIPHER', 'Unknown cipher');
  }
  // Text is put together over calls: a character may be cut by a block's end.
  #text(bytes, encoding, last) {
    if (!encoding || encoding === 'buffer') return bytes;
    const { StringDecoder } = require('string_decoder');
    this.#decoder = this.#decoder || new StringDecoder(encoding);
    return last ? this.#decoder.end(bytes) : this.#decoder.write(bytes);
  }
  update(data, inputEncoding, outputEncoding) {
    if (typeof data !== 'string' && !ArrayBuffer.isView(data)) throw argType('data', 'of type string or an instance of Buffer, TypedArray, or DataView', data);
    if (this.finalized) throw coded(Error, 'ERR_CRYPTO_INVALID_STATE', 'Trying to add data in unsupported state');
    return this.#text(this.#native.update(data, inputEncoding), outputEncoding, false);
  }
  final(outputEncoding) {
    if (this.finalized) throw coded(Error, 'ERR_CRYPTO_INVALID_STATE', 'Unsupported state');
    Object.defineProperty(this, 'finalized', { value: true });
    return this.#text(this.#native.final(), outputEncoding, true);
  }
  setAutoPadding(on = true) { this.#native.setAutoPadding(on); return this; }
  setAAD(buffer, options) { this.#native.setAAD(buffer, options && options.encoding); return this; }
  setAuthTag(tag, encoding) { this.#native.setAuthTag(tag, encoding); return this; }
  getAuthTag() {
    const tag = this.#native.getAuthTag();
    if (tag === undefined) throw coded(Error, 'ERR_CRYPTO_INVALID_STATE', 'Invalid state for operation getAuthTag');
    return tag;
  }
  _transform(chunk, encoding, callback) {
    const out = this.update(chunk, encoding);
    callback(null, out.length ? out : undefined);
  }
  _flush(callback) {
    let out;
    try { out = this.final(); } catch (e) { return callback(e); }
    callback(null, out.length ? out : undefined);
  }
}
class Cipheriv extends CipherBase { constructor(name, key, iv, options) { super(name, key, iv, true, options); } }
class Decipheriv extends CipherBase { constructor(name, key, iv, options) { super(name, key, iv, false, options); } }

const hashes = ['RSA-MD5', 'RSA-RIPEMD160', 'RSA-SHA1', 'RSA-SHA224', 'RSA-SHA256', 'RSA-SHA3-224', 'RSA-SHA3-256', 'RSA-SHA3-384',
  'RSA-SHA3-512', 'RSA-SHA384', 'RSA-SHA512', 'RSA-SHA512/224', 'RSA-SHA512/256', 'md5', 'ripemd160', 'rmd160', 'sha1', 'sha224',
  'sha256', 'sha3-224', 'sha3-256', 'sha3-384', 'sha3-512', 'sha384', 'sha512', 'sha512-224', 'sha512-256'];
const ciphers = ['cbc', 'ctr', 'ecb', 'gcm'].flatMap((m) => [128, 192, 256].map((n) => `aes-${n}-${m}`)).sort();

module.exports = {
  createHash, createHmac, createPrivateKey, createPublicKey, createSecretKey, hash, Hash, Hmac, KeyObject, Cipheriv, Decipheriv,
  createCipheriv: (name, key, iv, options) => new Cipheriv(name, key, iv, options),
  createDecipheriv: (name, key, iv, options) => new Decipheriv(name, key, iv, options),
  getHashes: () => hashes.slice(),
  getCiphers: () => ciphers.slice(),
  getFips: () => 0,
  randomBytes, rng: randomBytes, pseudoRandomBytes: randomBytes, prng: randomBytes, randomFill, randomFillSync, randomInt,
  randomUUID: () => globalThis.crypto.randomUUID(),
  getRandomValues: (array) => globalThis.crypto.getRandomValues(array),
  timingSafeEqual(a, b) {
    if (!isData(a) || typeof a === 'string') throw argType('buf1', 'an instance of ArrayBuffer, Buffer, TypedArray, or DataView', a);
    if (!isData(b) || typeof b === 'string') throw argType('buf2', 'an instance of ArrayBuffer, Buffer, TypedArray, or DataView', b);
    return native.equal(a, b);
  },
  pbkdf2, pbkdf2Sync, scrypt, scryptSync, hkdf, hkdfSync,
  constants: {
    DH_CHECK_P_NOT_SAFE_PRIME: 2, DH_CHECK_P_NOT_PRIME: 1, DH_UNABLE_TO_CHECK_GENERATOR: 4, DH_NOT_SUITABLE_GENERATOR: 8,
    RSA_PKCS1_PADDING: 1, RSA_NO_PADDING: 3, RSA_PKCS1_OAEP_PADDING: 4, RSA_X931_PADDING: 5, RSA_PKCS1_PSS_PADDING: 6,
    RSA_PSS_SALTLEN_DIGEST: -1, RSA_PSS_SALTLEN_MAX_SIGN: -2, RSA_PSS_SALTLEN_AUTO: -2,
    TLS1_VERSION: 769, TLS1_1_VERSION: 770, TLS1_2_VERSION: 771, TLS1_3_VERSION: 772,
    POINT_CONVERSION_COMPRESSED: 2, POINT_CONVERSION_UNCOMPRESSED: 4, POINT_CONVERSION_HYBRID: 6,
  },
};
// What few scripts need is loaded when it is first asked for.
for (const [file, names] of [
  ['signature', ['Sign', 'Verify', 'createSign', 'createVerify', 'sign', 'verify', 'publicEncrypt', 'privateDecrypt', 'privateEncrypt', 'publicDecrypt']],
  ['generate', ['generateKeyPair', 'generateKeyPairSync', 'generateKey', 'generateKeySync']],
  ['agreement', ['ECDH', 'DiffieHellman', 'DiffieHellmanGroup', 'createECDH', 'createDiffieHellman', 'createDiffieHellmanGroup', 'getDiffieHellman',
    'diffieHellman', 'checkPrime', 'checkPrimeSync', 'generatePrime', 'generatePrimeSync', 'getCurves']],
]) {
  for (const name of names) {
    const put = (value) => Object.defineProperty(module.exports, name, { value, enumerable: true, configurable: true, writable: true });
    const get = () => {
      const value = require(`internal/crypto/${file}`)[name];
      put(value);
      return value;
    };
    Object.defineProperty(module.exports, name, { enumerable: true, configurable: true, get, set: put });
  }
}
for (const [name, get] of [['webcrypto', () => globalThis.crypto], ['subtle', () => globalThis.crypto.subtle]]) {
  Object.defineProperty(module.exports, name, { enumerable: true, configurable: true, get });
}
