// https://nodejs.org/api/querystring.html
const { Buffer } = require('buffer');

function escape(text) {
  if (typeof text !== 'string') {
    if (typeof text === 'object') text = String(text);
    else text += '';
  }
  try {
    return encodeURIComponent(text);
  } catch {
    const e = new URIError('URI malformed');
    e.code = 'ERR_INVALID_URI';
    throw e;
  }
}

function unescapeBuffer(s, plusIsSpace) {
  const out = [];
  const bytes = Buffer.from(String(s));
  for (let i = 0; i < bytes.length; i++) {
    const c = bytes[i];
    if (c === 0x25 && i + 2 < bytes.length) {
      const hex = String.fromCharCode(bytes[i + 1], bytes[i + 2]);
      if (/^[0-9A-Fa-f]{2}$/.test(hex)) {
        out.push(parseInt(hex, 16));
        i += 2;
        continue;
      }
    }
    out.push(plusIsSpace && c === 0x2b ? 0x20 : c);
  }
  return Buffer.from(out);
}

function unescape(s, decodeSpaces) {
  try {
    return decodeURIComponent(s);
  } catch {
    return unescapeBuffer(s, decodeSpaces).toString();
  }
}

const primitive = (v) => {
  switch (typeof v) {
    case 'string': return v;
    case 'number': return Number.isFinite(v) ? `${v}` : '';
    case 'bigint': return `${v}`;
    case 'boolean': return v ? 'true' : 'false';
    default: return '';
  }
};

function stringify(obj, sep, eq, options) {
  sep = sep || '&';
  eq = eq || '=';
  if (obj === null || typeof obj !== 'object') return '';
  const encode = options && typeof options.encodeURIComponent === 'function' ? options.encodeURIComponent : module.exports.escape;
  const fields = [];
  for (const key of Object.keys(obj)) {
    const name = encode(primitive(key));
    const value = obj[key];
    if (Array.isArray(value)) for (const v of value) fields.push(`${name}${eq}${encode(primitive(v))}`);
    else fields.push(`${name}${eq}${encode(primitive(value))}`);
  }
  return fields.join(sep);
}

function parse(qs, sep, eq, options) {
  const obj = Object.create(null);
  if (typeof qs !== 'string' || qs.length === 0) return obj;
  sep = sep ? String(sep) : '&';
  eq = eq ? String(eq) : '=';
  let most = 1000;
  if (options && typeof options.maxKeys === 'number') most = options.maxKeys > 0 ? options.maxKeys : Infinity;
  const custom = options && typeof options.decodeURIComponent === 'function' ? options.decodeURIComponent : module.exports.unescape;
  const decode = (s) => {
    s = s.replace(/\+/g, custom === unescape ? ' ' : '%20');
    if (custom === unescape && !s.includes('%')) return s;
    try { return custom(s); } catch { return unescape(s, true); }
  };
  let count = 0;
  for (const field of qs.split(sep)) {
    if (field === '') continue;
    if (count++ >= most) break;
    const at = field.indexOf(eq);
    const key = decode(at < 0 ? field : field.slice(0, at));
    const value = at < 0 ? '' : decode(field.slice(at + eq.length));
    if (!(key in obj)) obj[key] = value;
    else if (Array.isArray(obj[key])) obj[key].push(value);
    else obj[key] = [obj[key], value];
  }
  return obj;
}

module.exports = { decode: parse, encode: stringify, escape, parse, stringify, unescape, unescapeBuffer };
