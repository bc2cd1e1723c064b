package kv

import (
	"encoding/json"
	"fmt"
	"unicode/utf8"
)

// Limits of a namespace (https://developers.cloudflare.com/kv/platform/limits/).
const (
	MaxKey       = 512      // bytes of UTF-8
	MaxValue     = 25 << 20 // bytes
	MaxMetadata  = 1024     // bytes of JSON
	MinTTL       = 60       // seconds
	MinCacheTTL  = 30       // seconds; the store needs no cacheTtl, so bindings only check it
	MaxList      = 1000     // keys in a page
	MaxBulkGet   = 100      // keys
	MaxBulkBytes = 25 << 20 // bytes of values in a bulk get
	MaxBulkWrite = 10_000   // pairs in PutMany, keys in DeleteMany
	MaxBulkSent  = 100_000_000
)

func badOption(op, format string, args ...any) *Error {
	return &Error{Op: op, Status: 400, Code: CodeBadOption, Reason: fmt.Sprintf(format, args...)}
}

func tooLarge(op, format string, args ...any) *Error {
	return &Error{Op: op, Status: 413, Code: CodeTooLarge, Reason: fmt.Sprintf(format, args...)}
}

func checkKey(op, key string) error {
	switch {
	case key == "":
		return badOption(op, "Key names must not be empty")
	case key == "." || key == "..":
		return badOption(op, "Illegal key name %q. Please use a different name.", key)
	case len(key) > MaxKey:
		return keyTooLong(op, len(key))
	case !utf8.ValidString(key):
		return badOption(op, "Key names must be valid UTF-8")
	}
	return nil
}

func keyTooLong(op string, n int) *Error {
	return &Error{Op: op, Status: 414, Code: CodeKeyTooLong,
		Reason: fmt.Sprintf("UTF-8 encoded length of %d exceeds key length limit of %d.", n, MaxKey)}
}

// checkWrite answers the absolute expiration and metadata to store for a write at
// the time now, in seconds.
func checkWrite(w *Write, now int64) (expiration int64, metadata []byte, err error) {
	const op = "PUT"
	if err := checkKey(op, w.Key); err != nil {
		return 0, nil, err
	}
	switch ttl, at := w.ExpirationTTL, w.Expiration; {
	case ttl < 0:
		return 0, nil, badOption(op, "Invalid expiration_ttl of %d. Please specify integer greater than 0.", ttl)
	case ttl > 0 && ttl < MinTTL:
		return 0, nil, badOption(op, "Invalid expiration_ttl of %d. Expiration TTL must be at least %d.", ttl, MinTTL)
	case ttl > 0:
		if expiration = now + ttl; expiration < 0 {
			return 0, nil, badOption(op, "Invalid expiration_ttl of %d. Expiration TTL is too large.", ttl)
		}
	case at != 0 && at <= now:
		return 0, nil, badOption(op, "Invalid expiration of %d. Please specify integer greater than the current number of seconds since the UNIX epoch.", at)
	case at != 0 && at < now+MinTTL:
		return 0, nil, badOption(op, "Invalid expiration of %d. Expiration times must be at least %d seconds in the future.", at, MinTTL)
	default:
		expiration = at
	}
	if metadata = w.Metadata; string(metadata) == "null" {
		metadata = nil
	}
	switch {
	case len(w.Metadata) > MaxMetadata:
		return 0, nil, tooLarge(op, "Metadata length of %d exceeds limit of %d.", len(w.Metadata), MaxMetadata)
	case len(metadata) > 0 && !json.Valid(metadata):
		return 0, nil, badOption(op, "Metadata must be valid JSON")
	case len(w.Value) > MaxValue:
		return 0, nil, tooLarge(op, "Value length of %d exceeds limit of %d.", len(w.Value), MaxValue)
	}
	return expiration, metadata, nil
}
