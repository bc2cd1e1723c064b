// https://nodejs.org/api/util.html#utilparseargsconfig
const { coded, argType, checkObject } = require('internal/errors');

module.exports = function parseArgs(config = {}) {
  const { args = [], options = {}, strict = true, tokens: wantTokens = false } = config;
  const allowPositionals = config.allowPositionals === undefined ? !strict : config.allowPositionals;
  if (!Array.isArray(args)) throw argType('args', 'an instance of Array', args);
  checkObject(options, 'options');
  for (const name of Object.keys(options)) {
    const o = options[name];
    checkObject(o, `options.${name}`);
    if (o.type !== 'string' && o.type !== 'boolean') {
      throw coded(TypeError, 'ERR_INVALID_ARG_TYPE', `The "options.${name}.type" property must be one of type string or boolean.`);
    }
    if (o.short !== undefined && (typeof o.short !== 'string' || o.short.length !== 1)) {
      throw coded(TypeError, 'ERR_INVALID_ARG_VALUE', `The property 'options.${name}.short' must be a single character. Received ${require('util').inspect(o.short)}`);
    }
  }
  const longOf = (short) => Object.keys(options).find((k) => options[k].short === short) || short;
  const wantsValue = (name) => options[name] !== undefined && options[name].type === 'string';
  const tokens = tokenize(args, options, longOf, wantsValue);
  const values = Object.create(null);
  const positionals = [];
  for (const t of tokens) {
    if (t.kind === 'positional') {
      if (!allowPositionals) {
        throw coded(TypeError, 'ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL', `Unexpected argument '${t.value}'. This command does not take positional arguments`);
      }
      positionals.push(t.value);
    } else if (t.kind === 'option') {
      if (strict) check(t, options, allowPositionals);
      if (t.name === '__proto__') continue;
      const value = t.value === undefined ? true : t.value;
      const o = options[t.name];
      if (o && o.multiple) (values[t.name] = values[t.name] || []).push(value);
      else values[t.name] = value;
    }
  }
  for (const name of Object.keys(options)) {
    if (options[name].default !== undefined && values[name] === undefined) values[name] = options[name].default;
  }
  const result = { values, positionals };
  if (wantTokens) result.tokens = tokens;
  return result;
};

function check(t, options, allowPositionals) {
  const o = options[t.name];
  if (o === undefined) {
    const hint = allowPositionals ? `. To specify a positional argument starting with a '-', place it at the end of the command after '--', as in '-- "${t.rawName}"` : '';
    throw coded(TypeError, 'ERR_PARSE_ARGS_UNKNOWN_OPTION', `Unknown option '${t.rawName}'${hint}`);
  }
  const name = `${o.short ? `-${o.short}, ` : ''}--${t.name}`;
  if (o.type === 'string' && typeof t.value !== 'string') {
    throw coded(TypeError, 'ERR_PARSE_ARGS_INVALID_OPTION_VALUE', `Option '${name} <value>' argument missing`);
  }
  if (o.type === 'boolean' && t.value !== undefined) {
    throw coded(TypeError, 'ERR_PARSE_ARGS_INVALID_OPTION_VALUE', `Option '${name}' does not take an argument`);
  }
  if (!t.inlineValue && typeof t.value === 'string' && t.value.length > 1 && t.value[0] === '-') {
    throw coded(TypeError, 'ERR_PARSE_ARGS_INVALID_OPTION_VALUE', `Option '${t.rawName}' argument is ambiguous.\nDid you forget to specify the option argument for '${t.rawName}'?\nTo specify an option argument starting with a dash use '${t.rawName.startsWith('--') ? `${t.rawName}=-XYZ` : `--${t.name}=-XYZ' or '${t.rawName}-XYZ`}'.`);
  }
}

function tokenize(args, options, longOf, wantsValue) {
  const tokens = [];
  for (let index = 0; index < args.length; index++) {
    const arg = args[index];
    if (arg === '--') {
      tokens.push({ kind: 'option-terminator', index });
      for (index++; index < args.length; index++) tokens.push({ kind: 'positional', index, value: args[index] });
    } else if (arg.startsWith('--')) {
      const eq = arg.indexOf('=', 3);
      const name = eq > 0 ? arg.slice(2, eq) : arg.slice(2);
      const rawName = `--${name}`;
      if (eq > 0) tokens.push({ kind: 'option', name, rawName, index, value: arg.slice(eq + 1), inlineValue: true });
      else if (wantsValue(name) && index + 1 < args.length) {
        tokens.push({ kind: 'option', name, rawName, index, value: args[index + 1], inlineValue: false });
        index++;
      } else tokens.push({ kind: 'option', name, rawName, index, value: undefined, inlineValue: undefined });
    } else if (arg.length > 1 && arg[0] === '-') {
      for (let i = 1; i < arg.length; i++) {
        const name = longOf(arg[i]);
        const rawName = `-${arg[i]}`;
        if (!wantsValue(name)) {
          tokens.push({ kind: 'option', name, rawName, index, value: undefined, inlineValue: undefined });
        } else if (i + 1 < arg.length) {
          tokens.push({ kind: 'option', name, rawName, index, value: arg.slice(i + 1), inlineValue: true });
          break;
        } else if (index + 1 < args.length) {
          tokens.push({ kind: 'option', name, rawName, index, value: args[index + 1], inlineValue: false });
          index++;
        } else tokens.push({ kind: 'option', name, rawName, index, value: undefined, inlineValue: undefined });
      }
    } else tokens.push({ kind: 'positional', index, value: arg });
  }
  return tokens;
}
