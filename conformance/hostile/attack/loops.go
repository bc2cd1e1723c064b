package attack

// loops are calls of built-ins that walk for ever or very long.
var loops = []Vector{
	{Name: "indexOf of an array-like", Code: `Array.prototype.indexOf.call({length: 2 ** 53 - 1}, 1)`, Want: ends(Exception)},
	{Name: "includes of an array-like", Code: `[].includes.call({length: 2 ** 53 - 1}, 1)`, Want: ends(Exception)},
	{Name: "reverse of an array-like", Code: `[].reverse.call({length: 2 ** 53 - 1})`, Want: ends(Exception)},
	{Name: "fill of an array-like", Code: `[].fill.call({length: 2 ** 53 - 1}, 0)`, Want: ends(Exception)},
	{Name: "join of an array-like", Code: `[].join.call({length: 2 ** 53 - 1})`, Want: ends(Exception)},
	{Name: "slice of an array-like", Code: `[].slice.call({length: 2 ** 53 - 1}, 0)`, Want: ends(Exception)},
	{Name: "splice of an array-like", Code: `[].splice.call({length: 2 ** 53 - 1}, 1, 1)`, Want: ends(Exception)},
	{Name: "shift of an array-like", Code: `[].shift.call({length: 2 ** 53 - 1})`, Want: ends(Exception)},
	{Name: "copyWithin of an array-like", Code: `[].copyWithin.call({length: 2 ** 53 - 1}, 0, 1)`, Want: ends(Exception)},
	{Name: "concat of a sparse array", Code: `const a = []; a[4294967294] = 1; [].concat(a)`, Want: ends(Exception)},
	{Name: "every of a sparse array", Code: `const a = []; a.length = 4294967295; a.every(x => x)`, Want: ends(Exception)},
	{Name: "forEach of a sparse array", Code: `const a = []; a.length = 4294967295; a.forEach(x => x)`, Want: ends(Exception)},
	{Name: "Array.from of a length", Code: `Array.from({length: 1e9})`, Want: ends(Exception)},
	{Name: "typed array set from a length", Code: `new Uint8Array(10).set({length: 1e9})`, Want: ends(Exception)},
	{Name: "join of an array that doubles", Code: `let a = ["x"]; for (let i = 0; i < 40; i++) a = [a, a]; String(a)`, Want: ends(CPU, Memory)},
	{Name: "stringify of an array that doubles", Code: `let a = ["x"]; for (let i = 0; i < 40; i++) a = [a, a]; JSON.stringify(a)`, Want: ends(CPU, Exception, Memory)},
	{Name: "default sort", Code: `const a = []; for (let i = 0; i < 2e5; i++) a.push(-i); a.sort()`, Want: ends(CPU)},
	{Name: "Set of a native iterator", Code: `new Set({[Symbol.iterator]() { return this }, next: Object.bind(null, {done: false})})`, Want: ends(CPU)},
	{Name: "normalize", Code: `"\u1E9B\u0323".repeat(5e6).normalize("NFKD")`, Want: ends(Exception)},
	{Name: "clone of an array that doubles", Code: `let a = ["x"]; for (let i = 0; i < 40; i++) a = [a, a]; structuredClone(a)`, Want: ends(OK, CPU)},
	{Name: "PBKDF2", Code: `const k = await crypto.subtle.importKey("raw", new Uint8Array(8), "PBKDF2", false, ["deriveBits"]); await crypto.subtle.deriveBits({name: "PBKDF2", hash: "SHA-512", salt: new Uint8Array(8), iterations: 1e9}, k, 256)`, Want: ends(Exception, CPU)},
	{Name: "BigInt power", Code: `2n ** 100000000000n`, Want: ends(Hangs, Dies, Exception), Heavy: true},
	{Name: "BigInt power of a power", Code: `(10n ** 1000000n) ** 1000n`, Want: ends(Hangs, Dies), Heavy: true},
	{Name: "sparse array spread", Code: `const a = []; a[4294967294] = 1; [...a]`, Want: ends(CPU, Memory)},
}
