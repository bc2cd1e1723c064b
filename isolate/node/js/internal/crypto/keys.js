// KeyObject: https://nodejs.org/api/crypto.html#class-keyobject
const { Buffer } = require('buffer');
const { argType, argValue, coded, checkObject, checkString } = require('internal/errors');

const isBuffer = (v) => ArrayBuffer.isView(v) || Object.prototype.toString.call(v) === '[object ArrayBuffer]';
const isData = (v) => typeof v === 'string' || isBuffer(v);
const bufferText = 'of type string or an instance of ArrayBuffer, Buffer, TypedArray, or DataView';
const keyText = 'of type string or an instance of ArrayBuffer, Buffer, TypedArray, DataView, KeyObject, or CryptoKey';
// Node's options are properties of an object whatever the caller calls it.
const badOption = (name, value) => argValue(name.includes('.') ? name : `options.${name}`, value);
const wrongType = (type, expected) => coded(TypeError, 'ERR_CRYPTO_INVALID_KEY_OBJECT_TYPE', `Invalid key object type ${type}, expected ${expected}.`);

let handleOf; // reads a KeyObject's private field
let wrapping; // the handle of the KeyObject that is being made

class KeyObject {
  #handle;
  #type;
  constructor(type, handle) {
    if (type !== 'secret' && type !== 'public' && type !== 'private') throw argValue('type', type);
    if (typeof handle !== 'object' || handle === null || handle !== wrapping) throw argType('handle', 'of type object', handle);
    this.#type = type;
    this.#handle = handle;
    wrapping = undefined;
  }
  static {
    handleOf = (key) => {
      if (key === null || typeof key !== 'object') return undefined;
      try {
        return #handle in key ? key.#handle : undefined;
      } catch { // objects of the Web's classes can have no private fields
        return undefined;
      }
    };
  }
  static from(key) {
    const handle = native.fromCryptoKey(key);
    if (handle === undefined) throw argType('key', 'an instance of CryptoKey', key);
    return wrap(handle);
  }
  get type() { return this.#type; }
  equals(other) {
    const handle = handleOf(other);
    if (handle === undefined) throw argType('otherKeyObject', 'an instance of KeyObject', other);
    return other.type === this.#type && native.equals(this.#handle, handle);
  }
  toCryptoKey(algorithm, extractable, usages) { return native.toCryptoKey(this.#handle, algorithm, extractable, usages); }
}

class SecretKeyObject extends KeyObject {
  get symmetricKeySize() { return native.describe(handleOf(this)).size; }
  export(options) {
    if (options !== undefined) {
      checkObject(options, 'options');
      const { format } = options;
      if (format === 'jwk') return { kty: 'oct', k: native.export(handleOf(this)).toString('base64url') };
      if (format !== undefined && format !== 'buffer') throw argValue('options.format', format, "must be one of: undefined, 'buffer', 'jwk'");
    }
    return native.export(handleOf(this));
  }
}

class AsymmetricKeyObject extends KeyObject {
  get asymmetricKeyType() { return native.describe(handleOf(this)).asymmetricKeyType; }
  get asymmetricKeyDetails() { return native.describe(handleOf(this)).details; }
}

class PublicKeyObject extends AsymmetricKeyObject {
  export(options) { return exported(handleOf(this), options, 'options'); }
}
class PrivateKeyObject extends AsymmetricKeyObject {
  export(options) { return exported(handleOf(this), options, 'options'); }
}

// wrap makes the KeyObject of a handle.
function wrap(handle) {
  const { type } = native.describe(handle);
  const Class = type === 'secret' ? SecretKeyObject : type === 'public' ? PublicKeyObject : PrivateKeyObject;
  wrapping = handle;
  return new Class(type, handle);
}

// exported encodes an asymmetric key as the options say; name is what they are called.
function exported(handle, options, name) {
  checkObject(options, name);
  const { type } = native.describe(handle);
  const { format, cipher } = options;
  if (format === 'jwk') {
    if (options.passphrase !== undefined) {
      throw coded(Error, 'ERR_CRYPTO_INCOMPATIBLE_KEY_OPTIONS', 'The selected key encoding jwk does not support encryption.');
    }
    return native.exportJWK(handle);
  }
  if (format !== 'pem' && format !== 'der') throw badOption(`${name}.format`, format);
  const types = type === 'public' ? ['pkcs1', 'spki'] : ['pkcs1', 'pkcs8', 'sec1'];
  if (!types.includes(options.type)) throw badOption(`${name}.type`, options.type);
  const { asymmetricKeyType } = native.describe(handle);
  if (options.type === 'pkcs1' && asymmetricKeyType !== 'rsa') {
    throw coded(Error, 'ERR_CRYPTO_INCOMPATIBLE_KEY_OPTIONS', 'The selected key encoding pkcs1 can only be used for RSA keys.');
  }
  if (options.type === 'sec1' && asymmetricKeyType !== 'ec') {
    throw coded(Error, 'ERR_CRYPTO_INCOMPATIBLE_KEY_OPTIONS', 'The selected key encoding sec1 can only be used for EC keys.');
  }
  let passphrase;
  if (type === 'private' && cipher !== undefined && cipher !== null) {
    if (typeof cipher !== 'string') throw badOption(`${name}.cipher`, cipher);
    if (format === 'der' && options.type !== 'pkcs8') {
      throw coded(Error, 'ERR_CRYPTO_INCOMPATIBLE_KEY_OPTIONS', `The selected key encoding ${options.type} does not support encryption.`);
    }
    if (!isData(options.passphrase)) throw badOption(`${name}.passphrase`, options.passphrase);
    passphrase = options.passphrase;
  }
  return native.export(handle, options.type, format === 'pem', passphrase === undefined ? undefined : cipher, passphrase);
}

const curves = { EC: ['P-256', 'secp256k1', 'P-384', 'P-521'], OKP: ['Ed25519', 'Ed448', 'X25519', 'X448'] };
const members = { RSA: [['n', 'e'], ['d', 'p', 'q', 'dp', 'dq', 'qi']], EC: [['crv', 'x', 'y'], ['d']], OKP: [['crv', 'x'], ['d']] };
const listed = (list) => `must be one of: ${list.map((v) => `'${v}'`).join(', ')}`;

function fromJWK(jwk, isPublic) {
  checkObject(jwk, 'key.key');
  const { kty } = jwk;
  if (!Object.hasOwn(members, kty)) throw argValue('key.kty', kty, listed(Object.keys(members)));
  if (curves[kty] && !curves[kty].includes(jwk.crv)) throw argValue('key.crv', jwk.crv, listed(curves[kty]));
  const [open, secret] = members[kty];
  const wanted = { kty };
  for (const name of isPublic ? open : [...open, ...secret]) {
    checkString(jwk[name], `key.${name}`);
    wanted[name] = jwk[name];
  }
  if (['secp256k1', 'Ed448', 'X448'].includes(wanted.crv)) throw unsupportedCurve(wanted.crv);
  return native.jwk(wanted, isPublic);
}
function unsupportedCurve(name) {
  return coded(Error, 'ERR_METHOD_NOT_IMPLEMENTED', `The curve ${name} is not supported by Mayfly: use P-256, P-384, P-521, Ed25519 or X25519`);
}

// read returns the handle of what is given for a public or a private key. create is true
// for the functions that take no KeyObject of the same kind.
function read(key, isPublic, create) {
  const given = existing(key, isPublic, create);
  if (given) return given;
  if (isData(key)) return native.parse(key, isPublic);
  if (key === null || typeof key !== 'object') throw argType('key', create && !isPublic ? bufferText : keyText, key);
  const { key: data, format, type, encoding, passphrase } = key;
  const inner = existing(data, isPublic, create);
  if (inner) return inner;
  if (format === 'jwk') return fromJWK(data, isPublic);
  if (!isData(data)) throw argType('key.key', create && !isPublic ? bufferText : keyText, data);
  if (format !== undefined && format !== 'pem' && format !== 'der') throw badOption('format', format);
  const types = ['pkcs1', 'pkcs8', 'sec1', ...(isPublic ? ['spki'] : [])];
  if (type !== undefined && type !== null ? !types.includes(type) : format === 'der') throw badOption('type', type);
  if (passphrase !== undefined && passphrase !== null && !isData(passphrase)) throw badOption('passphrase', passphrase);
  const bytes = typeof data === 'string' && format === 'der' ? Buffer.from(data, encoding) : data;
  return native.parse(bytes, isPublic, format === 'der' ? type : undefined, passphrase);
}

// existing returns the handle of a KeyObject or a CryptoKey, if key is one.
function existing(key, isPublic, create) {
  if (key === null || typeof key !== 'object') return undefined;
  const handle = handleOf(key) || native.fromCryptoKey(key);
  if (handle === undefined) return undefined;
  const { type } = native.describe(handle);
  if (create) {
    if (!isPublic) throw argType('key', bufferText, key);
    if (type !== 'private') throw wrongType(type, 'private');
    return native.public(handle);
  }
  if (isPublic ? type === 'secret' : type !== 'private') throw wrongType(type, isPublic ? 'private or public' : 'private');
  return handle;
}

// secretBytes returns the bytes of a secret key that is given in any form.
function secretBytes(key, encoding) {
  const handle = key !== null && typeof key === 'object' ? handleOf(key) || native.fromCryptoKey(key) : undefined;
  if (handle !== undefined) {
    const { type } = native.describe(handle);
    if (type !== 'secret') throw wrongType(type, 'secret');
    return native.export(handle);
  }
  if (!isData(key)) throw argType('key', keyText, key);
  return typeof key === 'string' && encoding ? Buffer.from(key, encoding) : key;
}

function createSecretKey(key, encoding) {
  if (!isData(key)) throw argType('key', encoding ? bufferText : 'an instance of ArrayBuffer, Buffer, TypedArray, or DataView', key);
  return wrap(native.secret(key, encoding));
}

module.exports = {
  KeyObject, wrap, read, exported, handleOf, secretBytes, createSecretKey, isData, isBuffer, unsupportedCurve,
  describe: native.describe, publicOf: native.public,
  createPrivateKey: (key) => wrap(read(key, false, true)),
  createPublicKey: (key) => wrap(read(key, true, true)),
};
