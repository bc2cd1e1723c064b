const process = require('process');
const { checkFunction } = require('internal/errors');

// later runs work and gives its result to a Node-style callback.
exports.later = function later(callback, work) {
  checkFunction(callback, 'callback');
  process.nextTick(() => {
    let v;
    try { v = work(); } catch (e) { return callback(e); }
    callback(null, v);
  });
};
