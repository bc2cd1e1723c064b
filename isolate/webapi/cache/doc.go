// Package cache is the Cache API of Workers: caches.default and caches.open(name).
// https://developers.cloudflare.com/workers/runtime-apis/cache/
package cache
