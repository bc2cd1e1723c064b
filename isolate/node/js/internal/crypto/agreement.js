// Diffie-Hellman and primes: https://nodejs.org/api/crypto.html#class-diffiehellman
const { Buffer } = require('buffer');
const { argType, argValue, coded, checkFunction, checkInteger, checkObject, checkString, outOfRange } = require('internal/errors');
const { handleOf, describe, isData, isBuffer } = require('internal/crypto/keys');
const { later } = require('internal/crypto/later');

const bufferText = 'of type string or an instance of ArrayBuffer, Buffer, TypedArray, or DataView';
const failed = (what) => coded(Error, 'ERR_CRYPTO_OPERATION_FAILED', what);
const encoded = (b, encoding) => (encoding && encoding !== 'buffer' ? b.toString(encoding) : b);
const bytes = (v, encoding, name) => {
  if (!isData(v)) throw argType(name, bufferText, v);
  return typeof v === 'string' ? Buffer.from(v, encoding === 'buffer' ? undefined : encoding) : v;
};

class ECDH {
  #curve;
  #private;
  constructor(curve) {
    checkString(curve, 'curve');
    if (!native.curves().includes(curve) && !['secp256r1', 'P-256', 'P-384', 'P-521'].includes(curve)) {
      throw coded(TypeError, 'ERR_CRYPTO_INVALID_CURVE', 'Invalid EC curve name');
    }
    this.#curve = curve;
  }
  static convertKey(key, curve, inputEncoding, outputEncoding, format) {
    checkString(curve, 'curve');
    const handle = native.point(new ECDH(curve).#curve, bytes(key, inputEncoding, 'key'));
    if (!handle) throw failed('Failed to convert Buffer to EC_POINT');
    return encoded(native.bytes(handle, formOf(format)), outputEncoding);
  }
  generateKeys(encoding, format) {
    this.#private = require('internal/crypto/generate').curve(this.#curve);
    return this.getPublicKey(encoding, format);
  }
  computeSecret(key, inputEncoding, outputEncoding) {
    const handle = native.point(this.#curve, bytes(key, inputEncoding, 'otherPublicKey'));
    if (!this.#private) throw coded(RangeError, 'ERR_CRYPTO_INVALID_KEYPAIR', 'Invalid key pair');
    if (!handle) throw coded(Error, 'ERR_CRYPTO_ECDH_INVALID_PUBLIC_KEY', 'Public key is not valid for specified curve');
    return encoded(native.agree(this.#private, handle), outputEncoding);
  }
  getPublicKey(encoding, format) {
    const form = formOf(format);
    if (!this.#private) throw failed('Failed to get ECDH public key');
    return encoded(native.bytes(this.#private, form), encoding);
  }
  getPrivateKey(encoding) {
    if (!this.#private) throw failed('Failed to get ECDH private key');
    return encoded(native.bytes(this.#private), encoding);
  }
  setPrivateKey(key, encoding) {
    const handle = native.scalar(this.#curve, bytes(key, encoding, 'key'));
    if (!handle) throw coded(RangeError, 'ERR_CRYPTO_INVALID_KEYTYPE', 'Private key is not valid for specified curve.');
    this.#private = handle;
    return this;
  }
}
function formOf(format = 'uncompressed') {
  if (!['compressed', 'uncompressed', 'hybrid'].includes(format)) {
    throw coded(TypeError, 'ERR_CRYPTO_ECDH_INVALID_FORMAT', `Invalid ECDH format: ${format}`);
  }
  return format;
}

const trimmed = (b) => {
  let i = 0;
  while (i < b.length - 1 && b[i] === 0) i++;
  return i ? b.subarray(i) : b;
};

class DiffieHellmanBase {
  #prime;
  #generator;
  #private;
  #public;
  constructor(prime, generator) {
    this.#prime = trimmed(Buffer.from(prime));
    this.#generator = trimmed(Buffer.from(generator));
    Object.defineProperty(this, 'verifyError', { value: 0, enumerable: true, configurable: true });
  }
  generateKeys(encoding) {
    if (!this.#private) this.#private = native.exponent(this.#prime);
    this.#public = trimmed(native.power(this.#generator, this.#private, this.#prime));
    return this.getPublicKey(encoding);
  }
  computeSecret(key, inputEncoding, outputEncoding) {
    const other = trimmed(Buffer.from(bytes(key, inputEncoding, 'otherPublicKey')));
    if (!this.#private) throw coded(Error, 'ERR_CRYPTO_INVALID_STATE', 'No private key: call generateKeys or setPrivateKey first');
    // 1 < other < prime - 1
    const last = Buffer.from(this.#prime);
    last[last.length - 1] &= 0xfe;
    if (other.length === 1 && other[0] < 2) throw coded(RangeError, 'ERR_CRYPTO_INVALID_KEYLEN', 'Supplied key is too small');
    if (other.length > last.length || (other.length === last.length && Buffer.compare(other, last) >= 0)) {
      throw coded(RangeError, 'ERR_CRYPTO_INVALID_KEYLEN', 'Supplied key is too large');
    }
    return encoded(native.power(other, this.#private, this.#prime), outputEncoding);
  }
  getPrime(encoding) { return encoded(Buffer.from(this.#prime), encoding); }
  getGenerator(encoding) { return encoded(Buffer.from(this.#generator), encoding); }
  getPublicKey(encoding) {
    if (!this.#public) throw coded(Error, 'ERR_CRYPTO_INVALID_STATE', 'No public key - did you forget to generate one?');
    return encoded(Buffer.from(this.#public), encoding);
  }
  getPrivateKey(encoding) {
    if (!this.#private) throw coded(Error, 'ERR_CRYPTO_INVALID_STATE', 'No private key - did you forget to generate one?');
    return encoded(Buffer.from(this.#private), encoding);
  }
  static set(dh, name, key) {
    if (name === 'private') dh.#private = Buffer.from(key);
    else dh.#public = Buffer.from(key);
  }
}
const { set } = DiffieHellmanBase;
delete DiffieHellmanBase.set;

class DiffieHellman extends DiffieHellmanBase {
  constructor(sizeOrPrime, primeEncoding, generator, generatorEncoding) {
    if (typeof sizeOrPrime !== 'number' && !isData(sizeOrPrime)) {
      throw argType('sizeOrKey', 'one of type number or string or an instance of ArrayBuffer, Buffer, TypedArray, or DataView', sizeOrPrime);
    }
    if (primeEncoding !== undefined && typeof primeEncoding !== 'string') [primeEncoding, generator, generatorEncoding] = [undefined, primeEncoding, generator];
    if (generator === undefined || generator === null) generator = 2;
    const g = typeof generator === 'number' ? numberBytes(generator) : bytes(generator, generatorEncoding, 'generator');
    let p;
    if (typeof sizeOrPrime === 'number') {
      checkInteger(sizeOrPrime, 'sizeOrPrime', 0, 2147483647);
      if (sizeOrPrime < 512) throw coded(Error, 'ERR_OSSL_DH_MODULUS_TOO_SMALL', 'error:0280007E:Diffie-Hellman routines::modulus too small');
      p = native.prime(sizeOrPrime, true);
    } else {
      p = bytes(sizeOrPrime, primeEncoding, 'sizeOrPrime');
    }
    super(p, g);
  }
  setPublicKey(key, encoding) { set(this, 'public', bytes(key, encoding, 'key')); }
  setPrivateKey(key, encoding) { set(this, 'private', bytes(key, encoding, 'key')); }
}
class DiffieHellmanGroup extends DiffieHellmanBase {
  constructor(name) {
    checkString(name, 'name');
    const prime = native.group(name.toLowerCase());
    if (!prime) throw coded(Error, 'ERR_CRYPTO_UNKNOWN_DH_GROUP', 'Unknown DH group');
    super(prime, [2]);
  }
}

function numberBytes(n) {
  const hex = BigInt(n).toString(16);
  return Buffer.from(hex.length & 1 ? `0${hex}` : hex, 'hex');
}

function diffieHellman(options) {
  checkObject(options, 'options');
  const { privateKey, publicKey } = options;
  const a = handleOf(privateKey);
  const b = handleOf(publicKey);
  if (!a) throw argValue('options.privateKey', privateKey);
  if (!b) throw argValue('options.publicKey', publicKey);
  const wrong = (type, expected) => coded(TypeError, 'ERR_CRYPTO_INVALID_KEY_OBJECT_TYPE', `Invalid key object type ${type}, expected ${expected}.`);
  if (privateKey.type !== 'private') throw wrong(privateKey.type, 'private');
  if (publicKey.type === 'secret') throw wrong('secret', 'private or public');
  const [from, to] = [describe(a).asymmetricKeyType, describe(b).asymmetricKeyType];
  if (from !== to || (from !== 'ec' && from !== 'x25519')) {
    throw coded(Error, 'ERR_CRYPTO_INCOMPATIBLE_KEY', `Incompatible key types for Diffie-Hellman: ${from} and ${to}`);
  }
  return native.agree(a, b);
}

function checker(candidate, options) {
  const p = typeof candidate === 'bigint' ? positive(candidate, 'candidate') : candidate;
  if (!isBuffer(p)) throw argType('candidate', 'of type bigint or an instance of ArrayBuffer, TypedArray, Buffer, or DataView', candidate);
  checkObject(options, 'options');
  const { checks = 0 } = options;
  checkInteger(checks, 'options.checks', 0, 2147483647);
  return () => native.isPrime(p, checks);
}
function positive(v, name) {
  if (v < 0n) outOfRange(name, '>= 0', v);
  return numberBytes(v);
}
function checkPrime(candidate, options, callback) {
  if (typeof options === 'function') [options, callback] = [{}, options];
  checkFunction(callback, 'callback');
  later((e, prime) => callback(e || undefined, prime), checker(candidate, options));
}
function checkPrimeSync(candidate, options = {}) { return checker(candidate, options)(); }

function primeMaker(size, options) {
  checkInteger(size, 'size', 1, 2147483647);
  checkObject(options, 'options');
  const { safe = false, bigint = false } = options;
  if (typeof safe !== 'boolean') throw argType('options.safe', 'of type boolean', safe);
  if (typeof bigint !== 'boolean') throw argType('options.bigint', 'of type boolean', bigint);
  const [add, rem] = ['add', 'rem'].map((name) => {
    const v = options[name];
    if (v === undefined) return undefined;
    const b = typeof v === 'bigint' ? positive(v, `options.${name}`) : v;
    if (!isBuffer(b)) throw argType(`options.${name}`, 'of type bigint or an instance of ArrayBuffer, TypedArray, Buffer, or DataView', v);
    return b;
  });
  const number = (b) => BigInt(`0x${Buffer.from(b.buffer || b, b.byteOffset || 0, b.byteLength).toString('hex') || '0'}`);
  if (add !== undefined) {
    const [a, r] = [number(add), rem === undefined ? (safe ? 3n : 1n) : number(rem)];
    // Node looks for ever where there are none; what can be told at once is.
    if (a === 0n || a >= 1n << BigInt(size)) throw coded(RangeError, 'ERR_OUT_OF_RANGE', 'invalid options.add');
    if (r >= a) throw coded(RangeError, 'ERR_OUT_OF_RANGE', 'invalid options.rem');
  }
  if (size < 2 || (safe && size < 3)) throw coded(Error, 'ERR_OSSL_BN_BITS_TOO_SMALL', 'error:01800076:bignum routines::bits too small');
  return () => {
    const p = native.prime(size, safe, add, add === undefined ? undefined : rem);
    return bigint ? number(p) : p.buffer;
  };
}
function generatePrime(size, options, callback) {
  if (typeof options === 'function') [options, callback] = [{}, options];
  checkFunction(callback, 'callback');
  later((e, prime) => callback(e || undefined, prime), primeMaker(size, options));
}
function generatePrimeSync(size, options = {}) { return primeMaker(size, options)(); }

module.exports = {
  ECDH, DiffieHellman, DiffieHellmanGroup, diffieHellman, checkPrime, checkPrimeSync, generatePrime, generatePrimeSync,
  createECDH: (curve) => new ECDH(curve),
  createDiffieHellman: (...args) => new DiffieHellman(...args),
  createDiffieHellmanGroup: (name) => new DiffieHellmanGroup(name),
  getDiffieHellman: (name) => new DiffieHellmanGroup(name),
  getCurves: native.curves,
};
