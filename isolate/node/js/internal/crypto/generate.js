// Making keys: https://nodejs.org/api/crypto.html#cryptogeneratekeypairtype-options-callback
const { argValue, coded, checkFunction, checkInteger, checkNumber, checkObject, checkString } = require('internal/errors');
const { wrap, exported, publicOf, createSecretKey } = require('internal/crypto/keys');
const { later } = require('internal/crypto/later');

const supported = (type) => argValue('type', type, 'must be a supported key type');

// maker checks the options of a kind of keys and returns what makes a private key's handle.
function maker(type, options) {
  checkString(type, 'type');
  switch (type) {
    case 'rsa': {
      checkObject(options, 'options');
      const { modulusLength, publicExponent = 0x10001 } = options;
      checkUnsigned(modulusLength, 'options.modulusLength');
      checkUnsigned(publicExponent, 'options.publicExponent');
      return () => native.rsa(modulusLength, publicExponent);
    }
    case 'ec': {
      checkObject(options, 'options');
      const { namedCurve, paramEncoding } = options;
      checkString(namedCurve, 'options.namedCurve');
      if (paramEncoding === 'explicit') throw coded(Error, 'ERR_METHOD_NOT_IMPLEMENTED', 'Explicit curve parameters are not supported by Mayfly: leave paramEncoding out');
      if (paramEncoding !== undefined && paramEncoding !== null && paramEncoding !== 'named') throw argValue('options.paramEncoding', paramEncoding);
      return () => {
        const handle = native.curve(/^x?(ed)?25519$/.test(namedCurve) ? '' : namedCurve);
        if (handle === undefined) throw coded(TypeError, 'ERR_CRYPTO_INVALID_CURVE', 'Invalid EC curve name');
        return handle;
      };
    }
    case 'ed25519': case 'x25519':
      return () => native.curve(type);
    case 'ed448': case 'x448': case 'rsa-pss': case 'dsa': case 'dh':
      throw coded(Error, 'ERR_METHOD_NOT_IMPLEMENTED', `Keys of type ${type} are not supported by Mayfly: use rsa, ec, ed25519 or x25519`);
  }
  throw supported(type);
}
function checkUnsigned(value, name) {
  checkNumber(value, name);
  checkInteger(value, name, 0, 4294967295);
}

// pairMaker returns what makes a pair of keys, each as a KeyObject or as its encoding says.
function pairMaker(type, options) {
  const make = maker(type, options);
  const encodings = ['publicKey', 'privateKey'].map((name) => {
    const encoding = options && options[`${name}Encoding`];
    if (encoding === undefined || encoding === null) return undefined;
    if (typeof encoding !== 'object') throw argValue(`options.${name}Encoding`, encoding);
    if (!['pem', 'der', 'jwk'].includes(encoding.format)) throw argValue(`options.${name}Encoding.format`, encoding.format);
    return encoding;
  });
  return () => {
    const handle = make();
    const encode = (h, i) => (encodings[i] ? exported(h, encodings[i], i ? 'options.privateKeyEncoding' : 'options.publicKeyEncoding') : wrap(h));
    return { publicKey: encode(publicOf(handle), 0), privateKey: encode(handle, 1) };
  };
}
function generateKeyPairSync(type, options) { return pairMaker(type, options)(); }
function generateKeyPair(type, options, callback) {
  if (typeof options === 'function') [options, callback] = [undefined, options];
  checkFunction(callback, 'callback');
  later((e, pair) => (e ? callback(e) : callback(null, pair.publicKey, pair.privateKey)), pairMaker(type, options));
}
Object.defineProperty(generateKeyPair, Symbol.for('nodejs.util.promisify.custom'), { value: (type, options) => new Promise((resolve, reject) => {
  generateKeyPair(type, options, (e, publicKey, privateKey) => (e ? reject(e) : resolve({ publicKey, privateKey })));
}) });

function secretMaker(type, options) {
  checkString(type, 'type');
  checkObject(options, 'options');
  const { length } = options;
  if (type === 'hmac') checkInteger(length, 'options.length', 8, 2147483647);
  else if (type === 'aes') {
    if (![128, 192, 256].includes(length)) throw argValue('options.length', length, 'must be one of: 128, 192, 256');
  } else throw supported(type);
  return () => createSecretKey(require('crypto').randomBytes(Math.floor(length / 8)));
}
function generateKeySync(type, options) { return secretMaker(type, options)(); }
function generateKey(type, options, callback) {
  const make = secretMaker(type, options);
  later(callback, make);
}

module.exports = { curve: native.curve, generateKeyPair, generateKeyPairSync, generateKey, generateKeySync };
