// https://nodejs.org/api/url.html
const { argType, argValue, coded, checkString } = require('internal/errors');
const querystring = require('querystring');

function Url() {
  this.protocol = null;
  this.slashes = null;
  this.auth = null;
  this.host = null;
  this.port = null;
  this.hostname = null;
  this.hash = null;
  this.search = null;
  this.query = null;
  this.pathname = null;
  this.path = null;
  this.href = null;
}

const slashed = new Set(['http:', 'https:', 'ftp:', 'gopher:', 'file:', 'ws:', 'wss:']);
const hostless = new Set(['javascript:']);
const invalidURL = (input) => {
  const e = coded(TypeError, 'ERR_INVALID_URL', 'Invalid URL');
  e.input = input;
  return e;
};

// Characters that a URL never holds as they are.
const toEscape = /[\t\n\r "'<>\\^`{|}]/g;
const escapeOne = (c) => `%${c.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;

Url.prototype.parse = function parse(url, parseQuery, slashesDenoteHost) {
  checkString(url, 'url');
  let rest = url.trim();
  // Backslashes before the query are slashes, as browsers have it.
  const query = rest.search(/[?#]/);
  const head = (query < 0 ? rest : rest.slice(0, query)).replace(/\\/g, '/');
  rest = query < 0 ? head : head + rest.slice(query);

  const m = /^[a-z0-9.+-]+:/i.exec(rest);
  let scheme = '';
  if (m) {
    scheme = m[0].toLowerCase();
    this.protocol = scheme;
    rest = rest.slice(m[0].length);
  }
  let slashes = false;
  if (slashesDenoteHost || scheme || /^\/\/[^@/]+@[^@/]+/.test(rest)) {
    slashes = rest.startsWith('//');
    if (slashes && !hostless.has(scheme)) {
      rest = rest.slice(2);
      this.slashes = true;
    }
  }
  if (!hostless.has(scheme) && (slashes || (scheme && !slashed.has(scheme)))) {
    let end = rest.search(/[/?#]/);
    if (end < 0) end = rest.length;
    const at = rest.lastIndexOf('@', end - 1);
    if (at >= 0) this.auth = decodeURIComponent(rest.slice(0, at));
    let host = rest.slice(at + 1, end);
    const stop = host.search(/[\t\n\r "'%;<>\\^`{|}]/);
    let left = '';
    if (stop >= 0) {
      left = host.slice(stop);
      host = host.slice(0, stop);
    }
    rest = left + rest.slice(end);
    const port = /:([0-9]*)$/.exec(host);
    if (port) {
      if (port[1] !== '') this.port = port[1];
      host = host.slice(0, host.length - port[0].length);
    }
    const six = host[0] === '[' && host[host.length - 1] === ']';
    if (host.length > 255) host = '';
    if (!six) {
      host = host.toLowerCase();
      if (/[^\x00-\x7f]/.test(host)) {
        host = native.toASCII(host);
        if (host === '') throw invalidURL(url);
      }
      if (/[\0\t\n\r #%/:<>?@[\\\]^|]/.test(host)) throw invalidURL(url);
    }
    this.host = host + (this.port ? `:${this.port}` : '');
    this.hostname = six ? host.slice(1, -1).toLowerCase() : host;
    if (rest !== '' && rest[0] !== '/' && rest[0] !== '?' && rest[0] !== '#') rest = `/${rest}`;
  }
  if (scheme !== 'javascript:') rest = rest.replace(toEscape, escapeOne);
  const hash = rest.indexOf('#');
  if (hash >= 0) {
    this.hash = rest.slice(hash);
    rest = rest.slice(0, hash);
  }
  const mark = rest.indexOf('?');
  if (mark >= 0) {
    this.search = rest.slice(mark);
    this.query = rest.slice(mark + 1);
    if (parseQuery) this.query = querystring.parse(this.query);
    rest = rest.slice(0, mark);
  } else if (parseQuery) {
    this.search = null;
    this.query = Object.create(null);
  }
  if (rest) this.pathname = rest;
  if (slashed.has(scheme) && this.hostname && !this.pathname) this.pathname = '/';
  if (this.pathname || this.search) this.path = (this.pathname || '') + (this.search || '');
  this.href = this.format();
  return this;
};

Url.prototype.format = function () {
  let auth = this.auth || '';
  if (auth) auth = `${encodeURIComponent(auth).replace(/%3A/i, ':')}@`;
  let protocol = this.protocol || '';
  let pathname = this.pathname || '';
  let hash = this.hash || '';
  let host = '';
  if (this.host) host = auth + this.host;
  else if (this.hostname) {
    host = auth + (this.hostname.includes(':') && this.hostname[0] !== '[' ? `[${this.hostname}]` : this.hostname);
    if (this.port) host += `:${this.port}`;
  }
  let query = '';
  if (this.query !== null && typeof this.query === 'object') query = querystring.stringify(this.query);
  let search = this.search || (query && `?${query}`) || '';
  if (protocol && !protocol.endsWith(':')) protocol += ':';
  pathname = pathname.replace(/[?#]/g, (c) => encodeURIComponent(c));
  if (this.slashes || slashed.has(protocol)) {
    if (this.slashes || host) {
      if (pathname && pathname[0] !== '/') pathname = `/${pathname}`;
      host = `//${host}`;
    } else if (protocol === 'file:') host = '//';
  }
  search = search.replace(/#/g, '%23');
  if (hash && hash[0] !== '#') hash = `#${hash}`;
  if (search && search[0] !== '?') search = `?${search}`;
  return protocol + host + pathname + search + hash;
};

Url.prototype.resolve = function resolve(relative) { return this.resolveObject(urlParse(relative, false, true)).format(); };

Url.prototype.resolveObject = function resolveObject(relative) {
  if (typeof relative === 'string') relative = new Url().parse(relative, false, true);
  const out = Object.assign(new Url(), this);
  out.hash = relative.hash;
  if (relative.href === '') {
    out.href = out.format();
    return out;
  }
  const sameScheme = !relative.protocol || relative.protocol === out.protocol;
  if (relative.slashes && !relative.protocol) {
    for (const key of Object.keys(relative)) if (key !== 'protocol') out[key] = relative[key];
    if (slashed.has(out.protocol) && out.hostname && !out.pathname) out.path = out.pathname = '/';
    out.href = out.format();
    return out;
  }
  if (!sameScheme || (relative.protocol && relative.slashes)) {
    for (const key of Object.keys(relative)) out[key] = relative[key];
    if (!slashed.has(relative.protocol) || relative.host || !sameScheme === false) {
      out.pathname = out.pathname ? clean(out.pathname, true, Boolean(out.host)) : out.pathname;
      out.path = (out.pathname || '') + (out.search || '');
    }
    out.href = out.format();
    return out;
  }
  const absolute = (relative.pathname || '').startsWith('/');
  if (relative.pathname) {
    out.search = relative.search;
    out.query = relative.query;
    out.pathname = absolute ? relative.pathname : (out.pathname || '').replace(/[^/]*$/, '') + relative.pathname;
    if (!absolute && out.host && !out.pathname.startsWith('/')) out.pathname = `/${out.pathname}`;
  } else if (relative.search !== null) {
    out.search = relative.search;
    out.query = relative.query;
  }
  if (relative.pathname) out.pathname = clean(out.pathname, absolute || Boolean(out.host) || (this.pathname || '').startsWith('/'), Boolean(out.host));
  out.path = out.pathname !== null || out.search !== null ? (out.pathname || '') + (out.search || '') : null;
  out.href = out.format();
  return out;
};

function clean(path, rooted) {
  const out = [];
  const parts = path.split('/');
  const last = parts[parts.length - 1];
  parts.forEach((part, i) => {
    if (part === '.') return;
    if (part === '..') {
      if (out.length > (rooted ? 1 : 0) && out[out.length - 1] !== '..') out.pop();
      else if (!rooted) out.push('..');
    } else out.push(part);
  });
  if (last === '.' || last === '..') out.push('');
  const text = out.join('/');
  return rooted && !text.startsWith('/') ? `/${text}` : text;
}

function urlParse(url, parseQuery, slashesDenoteHost) {
  return url instanceof Url ? url : new Url().parse(url, parseQuery, slashesDenoteHost);
}

function urlFormat(url, options) {
  if (typeof url === 'string') return urlParse(url).format();
  if (typeof url !== 'object' || url === null) throw argType('urlObject', 'one of type object or string', url);
  if (url instanceof URL) {
    const o = { fragment: true, unicode: false, search: true, auth: true, ...options };
    const u = new URL(url.href);
    if (!o.fragment) u.hash = '';
    if (!o.search) u.search = '';
    if (!o.auth) {
      u.username = '';
      u.password = '';
    }
    return o.unicode ? u.href.replace(u.hostname, native.toUnicode(u.hostname)) : u.href;
  }
  return url instanceof Url ? url.format() : Url.prototype.format.call(url);
}

function fileURLToPath(path, options) {
  if (typeof path === 'string') path = new URL(path);
  else if (!(path && path.href && path.protocol)) throw argType('path', 'of type string or an instance of URL', path);
  if (path.protocol !== 'file:') throw coded(TypeError, 'ERR_INVALID_URL_SCHEME', 'The URL must be of scheme file');
  const windows = Boolean(options && options.windows);
  if (windows) {
    if (/%2f|%5c/i.test(path.pathname)) throw coded(TypeError, 'ERR_INVALID_FILE_URL_PATH', 'File URL path must not include encoded \\ or / characters');
    const name = decodeURIComponent(path.pathname.replace(/\//g, '\\'));
    if (path.hostname !== '') return `\\\\${native.toUnicode(path.hostname)}${name}`;
    if (!/^\\[A-Za-z]:/.test(name)) throw coded(TypeError, 'ERR_INVALID_FILE_URL_PATH', 'File URL path must be absolute');
    return name.slice(1);
  }
  if (path.hostname !== '') throw coded(TypeError, 'ERR_INVALID_FILE_URL_HOST', 'File URL host must be "localhost" or empty on linux');
  if (/%2f/i.test(path.pathname)) throw coded(TypeError, 'ERR_INVALID_FILE_URL_PATH', 'File URL path must not include encoded / characters');
  return decodeURIComponent(path.pathname);
}

function pathToFileURL(path) {
  checkString(path, 'path');
  let full = require('path').resolve(path);
  if (path.endsWith('/') && !full.endsWith('/')) full += '/';
  const escapes = { '%': '%25', '\\': '%5C', '\n': '%0A', '\r': '%0D', '\t': '%09', '?': '%3F', '#': '%23' };
  const u = new URL('file://');
  u.pathname = full.replace(/[%\\\n\r\t?#]/g, (c) => escapes[c]);
  return u;
}

function urlToHttpOptions(url) {
  const { hostname, pathname, port, username, password, search } = url;
  const o = {
    __proto__: null, ...url, protocol: url.protocol,
    hostname: hostname && hostname[0] === '[' ? hostname.slice(1, -1) : hostname,
    hash: url.hash, search, pathname, path: `${pathname || ''}${search || ''}`, href: url.href,
  };
  if (port !== '') o.port = Number(port);
  if (username || password) o.auth = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return o;
}

module.exports = {
  Url, parse: urlParse, format: urlFormat,
  resolve: (from, to) => urlParse(from, false, true).resolve(to),
  resolveObject: (from, to) => (from ? urlParse(from, false, true).resolveObject(to) : to),
  domainToASCII: (d) => native.toASCII(`${d}`),
  domainToUnicode: (d) => native.toUnicode(native.toASCII(`${d}`)),
  fileURLToPath, pathToFileURL, urlToHttpOptions,
};
for (const name of ['URL', 'URLSearchParams', 'URLPattern']) {
  Object.defineProperty(module.exports, name, { enumerable: true, configurable: true, get() { return globalThis[name]; } });
}
