// https://nodejs.org/api/assert.html
const { coded, argType, argValue, checkFunction, checkString } = require('internal/errors');
const { inspect, types } = require('util');
const { deepEqual } = require('internal/comparison');

// Each property has a line of its own, so that lines can be compared.
const shown = (v) => inspect(v, { depth: 1000, maxArrayLength: Infinity, breakLength: 1 });

// Words of a message by operator.
const phrases = {
  strictEqual: 'Expected values to be strictly equal:',
  strictEqualObject: 'Expected "actual" to be reference-equal to "expected":',
  deepStrictEqual: 'Expected values to be strictly deep-equal:',
  deepEqual: 'Expected values to be loosely deep-equal:',
  notDeepStrictEqual: 'Expected "actual" not to be strictly deep-equal to:',
  notStrictEqual: 'Expected "actual" to be strictly unequal to:',
  notStrictEqualObject: 'Expected "actual" not to be reference-equal to "expected":',
  notDeepEqual: 'Expected "actual" not to be loosely deep-equal to:',
  notIdentical: 'Values identical but not reference-equal:',
  notDeepEqualUnequal: 'Expected values not to be loosely deep-equal:',
};

function describe(actual, expected, operator) {
  const a = shown(actual);
  const b = shown(expected);
  switch (operator) {
    case 'strictEqual':
    case 'deepStrictEqual': {
      if (operator === 'deepStrictEqual' || (typeof actual === 'object' && actual !== null) || typeof expected === 'object' && expected !== null ||
        a.includes('\n') || b.includes('\n') || a.length + b.length > 12) {
        const simple = (v) => v === null || (typeof v !== 'object' && typeof v !== 'function');
        if (simple(actual) && simple(expected) && a.length + b.length <= 12 && (actual !== 0 || expected !== 0)) {
          return `${phrases[operator]}\n\n${a} !== ${b}\n`;
        }
        const same = a === b;
        if (same) return `${operator === 'strictEqual' ? 'Values have same structure but are not reference-equal' : phrases.notIdentical.slice(0, -1)}:\n\n${a}\n`;
        return `${phrases[operator]}\n+ actual - expected\n\n${difference(a, b)}`;
      }
      return `${phrases[operator]}\n\n${a} !== ${b}\n`;
    }
    case 'notStrictEqual':
    case 'notDeepStrictEqual':
      return `${phrases[operator]}${a.includes('\n') ? '\n\n' : ' '}${a}${a.includes('\n') ? '\n' : ''}`;
    case '==':
    case '!=':
      return `${a} ${operator} ${b}`;
    case 'notDeepEqual':
      return `${phrases[operator]}\n\n${a}`;
    default:
      return `${phrases[operator]}\n\n${a}\n\nshould loosely deep-equal\n\n${b}`;
  }
}

function difference(a, b) {
  const left = a.split('\n');
  const right = b.split('\n');
  const out = [];
  let i = 0;
  let j = 0;
  while (i < left.length || j < right.length) {
    if (i < left.length && j < right.length && left[i] === right[j]) {
      out.push(`  ${left[i]}`);
      i++;
      j++;
      continue;
    }
    const next = i < left.length ? right.indexOf(left[i], j) : -1;
    if (i < left.length && next < 0) out.push(`+ ${left[i++]}`);
    else if (j < right.length) out.push(`- ${right[j++]}`);
  }
  return out.join('\n');
}

class AssertionError extends Error {
  constructor(options) {
    if (options === null || typeof options !== 'object') throw argType('options', 'of type object', options);
    const { message, operator, actual, expected } = options;
    super(message !== undefined && message !== null ? String(message) : describe(actual, expected, operator));
    this.generatedMessage = message === undefined || message === null;
    Object.defineProperty(this, 'name', { value: 'AssertionError', enumerable: false, writable: true, configurable: true });
    this.code = 'ERR_ASSERTION';
    this.actual = actual;
    this.expected = expected;
    this.operator = operator;
  }
  toString() { return `${this.name} [${this.code}]: ${this.message}`; }
}

function fails(actual, expected, message, operator) {
  if (message instanceof Error) throw message;
  throw new AssertionError({ actual, expected, message, operator });
}

function need(count, have) {
  if (have < count) throw coded(TypeError, 'ERR_MISSING_ARGS', 'The "actual" and "expected" arguments must be specified');
}

function ok(...args) { check(args); }
function check(args) {
  if (args[0]) return;
  if (args[1] instanceof Error) throw args[1];
  const generated = args[1] === undefined || args[1] === null;
  let message = args[1];
  if (args.length === 0) message = 'No value argument passed to `assert.ok()`';
  else if (generated) message = 'The expression evaluated to a falsy value';
  const e = new AssertionError({ actual: args[0], expected: true, message, operator: '==' });
  e.generatedMessage = generated;
  throw e;
}

function assert(...args) { check(args); }
module.exports = assert;

assert.ok = ok;
assert.AssertionError = AssertionError;

assert.fail = function fail(message) {
  if (message instanceof Error) throw message;
  const e = new AssertionError({ message: message === undefined ? 'Failed' : message, operator: 'fail' });
  e.generatedMessage = message === undefined;
  throw e;
};
/* eslint-disable eqeqeq */
assert.equal = function equal(...args) {
  need(2, args.length);
  const [a, b, m] = args;
  if (!(a == b || (a !== a && b !== b))) fails(a, b, m, '==');
};
assert.notEqual = function notEqual(...args) {
  need(2, args.length);
  const [a, b, m] = args;
  if (a == b || (a !== a && b !== b)) fails(a, b, m, '!=');
};
const comparison = (operator, same, wanted) => function (...args) {
  need(2, args.length);
  if (same(args[0], args[1]) !== wanted) fails(args[0], args[1], args[2], operator);
};
assert.strictEqual = comparison('strictEqual', Object.is, true);
assert.notStrictEqual = comparison('notStrictEqual', Object.is, false);
assert.deepEqual = comparison('deepEqual', (a, b) => deepEqual(a, b, false), true);
assert.notDeepEqual = comparison('notDeepEqual', (a, b) => deepEqual(a, b, false), false);
assert.deepStrictEqual = comparison('deepStrictEqual', (a, b) => deepEqual(a, b, true), true);
assert.notDeepStrictEqual = comparison('notDeepStrictEqual', (a, b) => deepEqual(a, b, true), false);
for (const name of ['strictEqual', 'notStrictEqual', 'deepEqual', 'notDeepEqual', 'deepStrictEqual', 'notDeepStrictEqual']) {
  Object.defineProperty(assert[name], 'name', { value: name, configurable: true });
}

// matches checks a thrown value against what was expected of it; it returns or throws.
function matches(actual, expected, message, operator) {
  if (typeof expected === 'function') {
    if (expected.prototype !== undefined && actual instanceof expected) return;
    if (expected === Error || Error.isPrototypeOf(expected)) {
      if (message === undefined) {
        const e = new AssertionError({
          actual, expected, operator,
          message: `The error is expected to be an instance of "${expected.name}". Received ${actual instanceof Error ? `"${actual.name}"` : `"${inspect(actual, { depth: -1 })}"`}${actual && actual.message ? `\n\nError message:\n\n${actual.message}` : ''}`,
        });
        e.generatedMessage = true;
        throw e;
      }
      throw actual;
    }
    if (Reflect.apply(expected, {}, [actual]) === true) return;
    const name = expected.name ? `"${expected.name}" ` : '';
    const e = new AssertionError({
      actual, expected, operator,
      message: message || `The ${name}validation function is expected to return "true". Received ${inspect(Reflect.apply(expected, {}, [actual]))}\n\nCaught error:\n\n${inspect(actual)}`,
    });
    e.generatedMessage = !message;
    throw e;
  }
  if (types.isRegExp(expected)) {
    if (expected.exec(String(actual)) !== null) return;
    if (message instanceof Error) throw message;
    const e = new AssertionError({
      actual, expected, operator,
      message: message || `The input did not match the regular expression ${inspect(expected)}. Input:\n\n${inspect(String(actual))}\n`,
    });
    e.generatedMessage = !message;
    throw e;
  }
  if (typeof actual !== 'object' || actual === null) {
    const e = new AssertionError({ actual, expected, message, operator: 'deepStrictEqual' });
    e.operator = operator;
    throw e;
  }
  const keys = Object.keys(expected);
  if (expected instanceof Error) keys.push('name', 'message');
  else if (keys.length === 0) throw argValue('error', expected, 'may not be an empty object');
  for (const key of keys) {
    if (typeof actual[key] === 'string' && types.isRegExp(expected[key]) && expected[key].exec(actual[key]) !== null) continue;
    if (!(key in actual) || !deepEqual(actual[key], expected[key], true)) {
      if (message instanceof Error) throw message;
      const pick = (o) => Object.fromEntries(keys.filter((k) => k in o).map((k) => [k, o[k]]));
      const e = new AssertionError({ actual: pick(actual), expected: pick(expected), message, operator: 'deepStrictEqual' });
      e.actual = actual;
      e.expected = expected;
      e.operator = operator;
      throw e;
    }
  }
}

const nothing = Symbol('nothing');

function thrownBy(f) {
  checkFunction(f, 'fn');
  try { f(); } catch (e) { return e; }
  return nothing;
}

async function rejectionOf(f) {
  let promise = f;
  if (typeof f === 'function') {
    promise = f();
    if (promise === null || typeof promise !== 'object' || typeof promise.then !== 'function') {
      throw coded(TypeError, 'ERR_INVALID_RETURN_VALUE', `Expected instance of Promise to be returned from the "promiseFn" function but got ${promise === null || promise === undefined ? promise : typeof promise === 'object' ? `an instance of ${promise.constructor && promise.constructor.name}` : `type ${typeof promise} (${inspect(promise)})`}.`);
    }
  } else if (f === null || typeof f !== 'object' || typeof f.then !== 'function') {
    throw argType('promiseFn', 'of type function or an instance of Promise', f);
  }
  try { await promise; } catch (e) { return e; }
  return nothing;
}

function expects(operator, actual, expected, message) {
  if (typeof expected === 'string') {
    if (message !== undefined) throw argType('error', 'of type function or an instance of Error, RegExp, or Object', expected);
    if (actual !== nothing && (actual === expected || (actual && actual.message === expected))) {
      throw coded(TypeError, 'ERR_AMBIGUOUS_ARGUMENT', `The "error/message" argument is ambiguous. The error ${typeof actual === 'object' && actual !== null ? `message "${actual.message}"` : `"${actual}"`} is identical to the message.`);
    }
    message = expected;
    expected = undefined;
  } else if (expected !== undefined && expected !== null && typeof expected !== 'object' && typeof expected !== 'function') {
    throw argType('error', 'of type function or an instance of Error, RegExp, or Object', expected);
  }
  if (actual === nothing) {
    if (message instanceof Error) throw message;
    let text = operator === 'rejects' ? 'Missing expected rejection' : 'Missing expected exception';
    if (expected && expected.name) text += ` (${expected.name})`;
    const e = new AssertionError({ actual: undefined, expected, operator, message: text + (message ? `: ${message}` : '.') });
    e.generatedMessage = !message;
    throw e;
  }
  if (expected !== undefined && expected !== null) matches(actual, expected, message, operator);
}

function expectsNo(operator, actual, expected, message) {
  if (actual === nothing) return;
  if (typeof expected === 'string') {
    message = expected;
    expected = undefined;
  }
  if (!expected || (typeof expected === 'function' && expected.prototype !== undefined && actual instanceof expected) || (types.isRegExp(expected) && expected.exec(String(actual)) !== null)) {
    const what = operator === 'doesNotReject' ? 'rejection' : 'exception';
    const e = new AssertionError({ actual, expected, operator, message: `Got unwanted ${what}${message ? `: ${message}` : '.'}\nActual message: "${actual && actual.message}"` });
    e.generatedMessage = !message;
    throw e;
  }
  throw actual;
}

assert.throws = function throws(f, expected, message) { expects('throws', thrownBy(f), expected, message); };
assert.doesNotThrow = function doesNotThrow(f, expected, message) { expectsNo('doesNotThrow', thrownBy(f), expected, message); };
assert.rejects = async function rejects(f, expected, message) { expects('rejects', await rejectionOf(f), expected, message); };
assert.doesNotReject = async function doesNotReject(f, expected, message) { expectsNo('doesNotReject', await rejectionOf(f), expected, message); };

assert.ifError = function ifError(err) {
  if (err === null || err === undefined) return;
  let message = 'ifError got unwanted exception: ';
  if (typeof err === 'object' && typeof err.message === 'string') {
    message += err.message.length === 0 && err.constructor ? err.constructor.name : err.message;
  } else message += inspect(err);
  const e = new AssertionError({ actual: err, expected: null, operator: 'ifError', message });
  e.generatedMessage = true;
  throw e;
};

function matching(string, regexp, message, wanted, operator) {
  if (!types.isRegExp(regexp)) throw argType('regexp', 'an instance of RegExp', regexp);
  if (typeof string === 'string' && (regexp.exec(string) !== null) === wanted) return;
  if (message instanceof Error) throw message;
  const text = typeof string !== 'string'
    ? `The "string" argument must be of type string. Received type ${typeof string} (${inspect(string)})`
    : `${wanted ? 'The input did not match the regular expression ' : 'The input was expected to not match the regular expression '}${inspect(regexp)}. Input:\n\n${inspect(string)}\n`;
  const e = new AssertionError({ actual: string, expected: regexp, message: message || text, operator });
  e.generatedMessage = !message;
  throw e;
}
assert.match = function match(string, regexp, message) { matching(string, regexp, message, true, 'match'); };
assert.doesNotMatch = function doesNotMatch(string, regexp, message) { matching(string, regexp, message, false, 'doesNotMatch'); };

function strict(...args) { check(args); }
assert.strict = Object.assign(strict, assert, {
  equal: assert.strictEqual, deepEqual: assert.deepStrictEqual, notEqual: assert.notStrictEqual, notDeepEqual: assert.notDeepStrictEqual,
});
assert.strict.strict = assert.strict;
