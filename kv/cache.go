package kv

type cacheKey struct{ space, key string }
