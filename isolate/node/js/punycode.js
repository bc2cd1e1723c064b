// https://nodejs.org/api/punycode.html, the algorithm of https://www.rfc-editor.org/rfc/rfc3492
const base = 36;
const tMin = 1;
const tMax = 26;
const skew = 38;
const damp = 700;
const errors = {
  overflow: 'Overflow: input needs wider integers to process',
  basic: 'Illegal input >= 0x80 (not a basic code point)',
  invalid: 'Invalid input',
};
const refuse = (kind) => { throw new RangeError(errors[kind]); };

function adapt(delta, points, first) {
  delta = first ? Math.floor(delta / damp) : delta >> 1;
  delta += Math.floor(delta / points);
  let k = 0;
  for (; delta > ((base - tMin) * tMax) >> 1; k += base) delta = Math.floor(delta / (base - tMin));
  return Math.floor(k + ((base - tMin + 1) * delta) / (delta + skew));
}
const threshold = (k, bias) => (k <= bias ? tMin : k >= bias + tMax ? tMax : k - bias);
const digit = (d) => String.fromCharCode(d < 26 ? d + 97 : d + 22);
function valueOf(c) {
  if (c >= 48 && c < 58) return c - 22;
  if (c >= 65 && c < 91) return c - 65;
  if (c >= 97 && c < 123) return c - 97;
  return base;
}

const ucs2 = {
  decode: (s) => Array.from(s, (c) => c.codePointAt(0)),
  encode: (points) => String.fromCodePoint(...points),
};

function decode(input) {
  const out = [];
  const basic = Math.max(input.lastIndexOf('-'), 0);
  for (let j = 0; j < basic; j++) {
    if (input.charCodeAt(j) >= 0x80) refuse('basic');
    out.push(input.charCodeAt(j));
  }
  let n = 128;
  let i = 0;
  let bias = 72;
  for (let at = basic > 0 ? basic + 1 : 0; at < input.length;) {
    const before = i;
    for (let w = 1, k = base; ; k += base) {
      if (at >= input.length) refuse('invalid');
      const d = valueOf(input.charCodeAt(at++));
      if (d >= base) refuse('invalid');
      if (d > Math.floor((2147483647 - i) / w)) refuse('overflow');
      i += d * w;
      const t = threshold(k, bias);
      if (d < t) break;
      if (w > Math.floor(2147483647 / (base - t))) refuse('overflow');
      w *= base - t;
    }
    const length = out.length + 1;
    bias = adapt(i - before, length, before === 0);
    n += Math.floor(i / length);
    i %= length;
    out.splice(i++, 0, n);
  }
  return String.fromCodePoint(...out);
}

function encode(input) {
  const points = ucs2.decode(input);
  let out = points.filter((c) => c < 0x80).map((c) => String.fromCharCode(c)).join('');
  const basic = out.length;
  let handled = basic;
  if (basic) out += '-';
  let n = 128;
  let delta = 0;
  let bias = 72;
  while (handled < points.length) {
    const next = Math.min(...points.filter((c) => c >= n));
    if (next - n > Math.floor((2147483647 - delta) / (handled + 1))) refuse('overflow');
    delta += (next - n) * (handled + 1);
    n = next;
    for (const c of points) {
      if (c < n && ++delta > 2147483647) refuse('overflow');
      if (c === n) {
        let q = delta;
        for (let k = base; ; k += base) {
          const t = threshold(k, bias);
          if (q < t) break;
          out += digit(t + ((q - t) % (base - t)));
          q = Math.floor((q - t) / (base - t));
        }
        out += digit(q);
        bias = adapt(delta, handled + 1, handled === basic);
        delta = 0;
        handled++;
      }
    }
    delta++;
    n++;
  }
  return out;
}

// eachLabel maps the labels of a domain name or of the domain of an email address.
function eachLabel(domain, f) {
  const at = domain.split('@');
  const prefix = at.length > 1 ? `${at.shift()}@` : '';
  return prefix + at.join('@').replace(/[\u3002\uFF0E\uFF61]/g, '.').split('.').map(f).join('.');
}

module.exports = {
  version: '2.1.0', ucs2, decode, encode,
  toASCII: (s) => eachLabel(s, (l) => (/[^\0-\x7F]/.test(l) ? `xn--${encode(l)}` : l)),
  toUnicode: (s) => eachLabel(s, (l) => (/^xn--/.test(l) ? decode(l.slice(4).toLowerCase()) : l)),
};
