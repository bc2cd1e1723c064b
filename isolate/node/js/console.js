// https://nodejs.org/api/console.html: the global console, and a class that writes to streams.
const { format, inspect } = require('util');

class Console {
  constructor(stdout, stderr) {
    if (stdout && stdout.stdout) ({ stdout, stderr } = stdout);
    const out = (s) => stdout.write(`${s}\n`);
    const err = (s) => (stderr || stdout).write(`${s}\n`);
    for (const name of ['log', 'info', 'debug']) this[name] = (...args) => { out(format(...args)); };
    for (const name of ['warn', 'error', 'trace']) this[name] = (...args) => { err(format(...args)); };
    this.dir = (v, options) => { out(inspect(v, options)); };
    this.assert = (ok, ...args) => { if (!ok) err(args.length ? `Assertion failed: ${format(...args)}` : 'Assertion failed'); };
  }
}

const made = Object.create(console);
for (const name of ['log', 'info', 'debug', 'warn', 'error', 'trace', 'dir', 'dirxml', 'assert', 'count', 'countReset', 'group',
  'groupCollapsed', 'groupEnd', 'table', 'time', 'timeEnd', 'timeLog', 'clear']) {
  Object.defineProperty(made, name, { enumerable: true, configurable: true, get: () => console[name] });
}
made.Console = Console;
module.exports = made;
