// Crypto has all its members.
// Differs from workerd: the members of its CryptoKey are properties of each key, not of the prototype.
export default {
	async fetch(request, env, ctx) {
		const names = `crypto.getRandomValues crypto.randomUUID crypto.subtle crypto.DigestStream SubtleCrypto.prototype.encrypt SubtleCrypto.prototype.decrypt SubtleCrypto.prototype.sign SubtleCrypto.prototype.verify SubtleCrypto.prototype.digest SubtleCrypto.prototype.generateKey SubtleCrypto.prototype.deriveKey SubtleCrypto.prototype.deriveBits SubtleCrypto.prototype.importKey SubtleCrypto.prototype.exportKey SubtleCrypto.prototype.wrapKey SubtleCrypto.prototype.unwrapKey SubtleCrypto.prototype.timingSafeEqual CryptoKey.prototype.type CryptoKey.prototype.extractable CryptoKey.prototype.algorithm CryptoKey.prototype.usages`.split(/\s+/);
		const has = (path) => {
			let o = globalThis;
			for (const part of path.split(".")) {
				if (o === undefined || o === null || !(part in Object(o))) {
					return false;
				}
				o = part === "prototype" ? o.prototype : path.endsWith("." + part) ? 1 : o[part];
			}
			return true;
		};
		return Response.json(names.filter((name) => !has(name)));
	},
};

/*
GET /
--- 200

[]
*/
