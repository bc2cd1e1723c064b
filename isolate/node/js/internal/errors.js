// Errors with Node's codes: https://nodejs.org/api/errors.html

exports.received = native.received;
exports.outOfRange = native.outOfRange; // throws

exports.coded = function coded(Class, code, message) {
  const e = new Class(message);
  e.code = code;
  return e;
};

exports.argType = function argType(name, expected, value) {
  const kind = name.includes('.') ? 'property' : 'argument';
  const subject = name.endsWith(' argument') ? name : `"${name}" ${kind}`;
  return exports.coded(TypeError, 'ERR_INVALID_ARG_TYPE', `The ${subject} must be ${expected}.${native.received(value)}`);
};

exports.argValue = function argValue(name, value, reason = 'is invalid') {
  const kind = name.includes('.') ? 'property' : 'argument';
  return exports.coded(TypeError, 'ERR_INVALID_ARG_VALUE', `The ${kind} '${name}' ${reason}. Received ${require('util').inspect(value)}`);
};

exports.checkFunction = function checkFunction(value, name) {
  if (typeof value !== 'function') throw exports.argType(name, 'of type function', value);
};
exports.checkString = function checkString(value, name) {
  if (typeof value !== 'string') throw exports.argType(name, 'of type string', value);
};
exports.checkObject = function checkObject(value, name) {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) throw exports.argType(name, 'of type object', value);
};
exports.checkNumber = function checkNumber(value, name, min, max) {
  if (typeof value !== 'number') throw exports.argType(name, 'of type number', value);
  if ((min !== undefined && value < min) || (max !== undefined && value > max) || ((min !== undefined || max !== undefined) && Number.isNaN(value))) {
    const range = [min !== undefined ? `>= ${min}` : '', max !== undefined ? `<= ${max}` : ''].filter(Boolean).join(' && ');
    exports.outOfRange(name, range, value);
  }
};
exports.checkInteger = function checkInteger(value, name, min = Number.MIN_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER) {
  if (typeof value !== 'number') throw exports.argType(name, 'of type number', value);
  if (!Number.isInteger(value)) exports.outOfRange(name, 'an integer', value);
  if (value < min || value > max) exports.outOfRange(name, `>= ${min} && <= ${max}`, value);
};
exports.abortError = function abortError(signal) {
  const e = new Error('The operation was aborted');
  e.name = 'AbortError';
  e.code = 'ABORT_ERR';
  if (signal && signal.reason !== undefined) e.cause = signal.reason;
  return e;
};
