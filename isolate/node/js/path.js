// https://nodejs.org/api/path.html
const { checkString, checkObject } = require('internal/errors');

// A flavor knows the separators and the roots of its file names.

// resolveDots takes the "." and ".." out of segments. above keeps a ".." that leads out.
function resolveDots(segments, above) {
  const out = [];
  for (const s of segments) {
    if (s === '' || s === '.') continue;
    if (s === '..') {
      if (out.length > 0 && out[out.length - 1] !== '..') out.pop();
      else if (above) out.push('..');
    } else out.push(s);
  }
  return out;
}

function stem(base, suffix) {
  return typeof suffix === 'string' && suffix !== base && base.endsWith(suffix) ? base.slice(0, base.length - suffix.length) : base;
}

// extensionOf is what follows the last dot of a name, if that is not all of the name.
function extensionOf(base) {
  const dot = base.lastIndexOf('.');
  if (dot <= 0 || base === '..') return '';
  return base.slice(dot);
}

function format(separator, o) {
  checkObject(o, 'pathObject');
  const dir = o.dir || o.root;
  const base = o.base || `${o.name || ''}${o.ext ? `${o.ext[0] === '.' ? '' : '.'}${o.ext}` : ''}`;
  if (!dir) return base;
  return dir === o.root ? `${dir}${base}` : `${dir}${separator}${base}`;
}

const posix = {
  resolve(...parts) {
    let path = '';
    for (let i = parts.length - 1; i >= -1 && !path.startsWith('/'); i--) {
      const part = i >= 0 ? parts[i] : require('process').cwd();
      checkString(part, i >= 0 ? `paths[${i}]` : 'path');
      if (part !== '') path = path === '' ? part : `${part}/${path}`;
    }
    const absolute = path.startsWith('/');
    const rest = resolveDots(path.split('/'), !absolute).join('/');
    return absolute ? `/${rest}` : rest || '.';
  },
  normalize(path) {
    checkString(path, 'path');
    if (path === '') return '.';
    const absolute = path[0] === '/';
    let rest = resolveDots(path.split('/'), !absolute).join('/');
    if (rest === '') {
      if (absolute) return '/';
      return path.endsWith('/') ? './' : '.';
    }
    if (path.endsWith('/')) rest += '/';
    return absolute ? `/${rest}` : rest;
  },
  isAbsolute(path) {
    checkString(path, 'path');
    return path[0] === '/';
  },
  join(...parts) {
    parts.forEach((p) => checkString(p, 'path'));
    const joined = parts.filter((p) => p !== '').join('/');
    return joined === '' ? '.' : posix.normalize(joined);
  },
  relative(from, to) {
    checkString(from, 'from');
    checkString(to, 'to');
    if (from === to) return '';
    const a = posix.resolve(from).split('/').filter(Boolean);
    const b = posix.resolve(to).split('/').filter(Boolean);
    let i = 0;
    while (i < a.length && i < b.length && a[i] === b[i]) i++;
    return [...a.slice(i).map(() => '..'), ...b.slice(i)].join('/');
  },
  toNamespacedPath: (path) => path,
  dirname(path) {
    checkString(path, 'path');
    if (path === '') return '.';
    let end = path.length;
    while (end > 1 && path[end - 1] === '/') end--;
    const slash = path.lastIndexOf('/', end - 1);
    if (slash < 0) return '.';
    let cut = slash;
    if (cut === 0) return end > 1 && path[0] === '/' ? '/' : '/';
    if (cut === 1 && path[0] === '/') return '//';
    return path.slice(0, cut);
  },
  basename(path, suffix) {
    if (suffix !== undefined) checkString(suffix, 'suffix');
    checkString(path, 'path');
    let end = path.length;
    while (end > 0 && path[end - 1] === '/') end--;
    if (suffix !== undefined && suffix === path) return '';
    const base = path.slice(path.lastIndexOf('/', end - 1) + 1, end);
    return end === 0 ? '' : stem(base, suffix);
  },
  extname(path) {
    checkString(path, 'path');
    return extensionOf(posix.basename(path));
  },
  format: (o) => format('/', o),
  parse(path) {
    checkString(path, 'path');
    const root = path[0] === '/' ? '/' : '';
    const base = posix.basename(path);
    let end = path.length;
    while (end > 1 && path[end - 1] === '/') end--;
    const slash = path.lastIndexOf('/', end - 1);
    const dir = slash > 0 ? path.slice(0, slash) : slash === 0 ? '/' : '';
    const ext = extensionOf(base);
    return { root, dir, base, ext, name: base.slice(0, base.length - ext.length) };
  },
  sep: '/',
  delimiter: ':',
};

// rootOf finds the device and the slash of a Windows file name: "C:\", "\\server\share\".
function rootOf(path) {
  let m = /^[\\/]{2}([^\\/]+)[\\/]+([^\\/]+)([\\/]*)/.exec(path);
  if (m) return { device: `\\\\${m[1]}\\${m[2]}`, absolute: true, length: m[0].length, unc: true, tail: m[3] };
  m = /^[A-Za-z]:/.exec(path);
  if (m) {
    const absolute = /[\\/]/.test(path[2] || '');
    return { device: m[0], absolute, length: absolute ? 3 : 2, unc: false, tail: absolute ? path[2] : '' };
  }
  const absolute = /^[\\/]/.test(path);
  return { device: '', absolute, length: absolute ? 1 : 0, unc: false, tail: absolute ? path[0] : '' };
}
const either = /[\\/]+/;
const endsInSlash = (path) => /[\\/]$/.test(path);

const win32 = {
  resolve(...parts) {
    let device = '';
    let tail = '';
    let absolute = false;
    for (let i = parts.length - 1; i >= -1; i--) {
      let path = i >= 0 ? parts[i] : require('process').cwd();
      if (i >= 0) checkString(path, `paths[${i}]`);
      else if (device !== '') path = `${device}\\`;
      if (path === '') continue;
      const root = rootOf(path);
      if (root.device !== '') {
        if (device !== '') {
          if (root.device.toLowerCase() !== device.toLowerCase()) continue;
        } else device = root.device;
      }
      if (absolute) {
        if (device !== '') break;
      } else {
        tail = `${path.slice(root.length)}\\${tail}`;
        absolute = root.absolute;
        if (absolute && device !== '') break;
      }
    }
    tail = resolveDots(tail.split(either), !absolute).join('\\');
    return absolute ? `${device}\\${tail}` : `${device}${tail}` || '.';
  },
  normalize(path) {
    checkString(path, 'path');
    if (path === '') return '.';
    const root = rootOf(path);
    if (root.unc && root.length === path.length) return root.tail || path.length > 0 ? `${root.device}\\` : root.device;
    let tail = resolveDots(path.slice(root.length).split(either), !root.absolute).join('\\');
    if (tail === '' && !root.absolute) tail = '.';
    if (tail !== '' && endsInSlash(path)) tail += '\\';
    if (root.device === '') return root.absolute ? `\\${tail}` : tail;
    return root.absolute ? `${root.device}\\${tail}` : `${root.device}${tail}`;
  },
  isAbsolute(path) {
    checkString(path, 'path');
    return /^([\\/]|[A-Za-z]:[\\/])/.test(path);
  },
  join(...parts) {
    parts.forEach((p) => checkString(p, 'path'));
    const given = parts.filter((p) => p !== '');
    if (given.length === 0) return '.';
    let joined = given.join('\\');
    // Two slashes begin a network name only if the first part says so by itself.
    const slashes = /^[\\/]+/.exec(given[0]);
    if (!(slashes && slashes[0].length === 2 && given[0].length > 2)) joined = joined.replace(/^[\\/]{2,}/, '\\');
    return win32.normalize(joined);
  },
  relative(from, to) {
    checkString(from, 'from');
    checkString(to, 'to');
    if (from === to) return '';
    const a = win32.resolve(from);
    const b = win32.resolve(to);
    if (a.toLowerCase() === b.toLowerCase()) return '';
    const left = a.split('\\').filter(Boolean);
    const right = b.split('\\').filter(Boolean);
    let i = 0;
    while (i < left.length && i < right.length && left[i].toLowerCase() === right[i].toLowerCase()) i++;
    if (i === 0 && (rootOf(a).device !== '' || rootOf(b).device !== '')) return b;
    return [...left.slice(i).map(() => '..'), ...right.slice(i)].join('\\');
  },
  toNamespacedPath(path) {
    if (typeof path !== 'string' || path === '') return path;
    const full = win32.resolve(path);
    if (full.length <= 2) return path;
    if (full.startsWith('\\\\') && full[2] !== '?' && full[2] !== '.') return `\\\\?\\UNC\\${full.slice(2)}`;
    return /^[A-Za-z]:\\/.test(full) ? `\\\\?\\${full}` : path;
  },
  dirname(path) {
    checkString(path, 'path');
    if (path === '') return '.';
    const root = rootOf(path);
    let end = path.length;
    while (end > root.length && endsInSlash(path.slice(0, end))) end--;
    let cut = end;
    while (cut > root.length && !/[\\/]/.test(path[cut - 1])) cut--;
    if (cut > root.length) return path.slice(0, cut - 1);
    return root.length > 0 ? path.slice(0, root.length) : '.';
  },
  basename(path, suffix) {
    if (suffix !== undefined) checkString(suffix, 'suffix');
    checkString(path, 'path');
    if (suffix !== undefined && suffix === path) return '';
    const rest = path.replace(/^[A-Za-z]:/, '').replace(/[\\/]+$/, '');
    return stem(rest.slice(Math.max(rest.lastIndexOf('/'), rest.lastIndexOf('\\')) + 1), suffix);
  },
  extname(path) {
    checkString(path, 'path');
    return extensionOf(win32.basename(path));
  },
  format: (o) => format('\\', o),
  parse(path) {
    checkString(path, 'path');
    const r = rootOf(path);
    const root = path.slice(0, r.length);
    const rest = path.slice(r.length).replace(/[\\/]+$/, '');
    const slash = Math.max(rest.lastIndexOf('/'), rest.lastIndexOf('\\'));
    const base = rest.slice(slash + 1);
    const dir = slash > 0 ? root + rest.slice(0, slash) : root;
    const ext = extensionOf(base);
    return { root, dir, base, ext, name: base.slice(0, base.length - ext.length) };
  },
  sep: '\\',
  delimiter: ';',
};

for (const flavor of [posix, win32]) {
  flavor._makeLong = flavor.toNamespacedPath;
  flavor.posix = posix;
  flavor.win32 = win32;
}
module.exports = posix;
