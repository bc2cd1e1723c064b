package kv

import (
	"encoding/binary"
	"fmt"
	"strings"
)

// Physical keys begin with one byte that names their kind. Namespace ids and
// bucket names end with a zero byte, so that none is a prefix of another.
//
//	s bucket 0 key   system record
//	k id 0 key       head of a namespace entry (entry.go)
//	v id 0 key       value of a namespace entry too large for its head
//	u id             usage of a namespace (usage.go)
//	x millis key     expiry index: the physical key expires at that time
//	m name           facts about the store itself
const (
	kindSystem = 's'
	kindHead   = 'k'
	kindValue  = 'v'
	kindUsage  = 'u'
	kindExpiry = 'x'
	kindMeta   = 'm'
	kindNone   = 'z' // written only to be dropped
)

// User-meta bits of system records.
const (
	metaExpires = 1 << iota // the value begins with the expiry, 8 bytes of milliseconds
)

// maxKey is the longest physical key the engine takes, less room for our prefixes.
const maxKey = 60_000

func recordKey(kind byte, space, key string) []byte {
	b := make([]byte, 0, len(space)+len(key)+2)
	b = append(b, kind)
	b = append(b, space...)
	b = append(b, 0)
	return append(b, key...)
}

// expiryKey is the index record saying that physical key expires at millis.
func expiryKey(millis int64, key []byte) []byte {
	b := make([]byte, 0, 9+len(key))
	b = append(b, kindExpiry)
	b = binary.BigEndian.AppendUint64(b, uint64(millis))
	return append(b, key...)
}

// checkBucket refuses names that would run into another bucket's records.
func checkBucket(bucket, key string) error {
	switch {
	case bucket == "" || strings.IndexByte(bucket, 0) >= 0:
		return fmt.Errorf("kv: bucket name %q is empty or contains a zero byte", bucket)
	case len(bucket)+len(key) > maxKey:
		return fmt.Errorf("kv: key in bucket %q is %d bytes long, over the limit of %d", bucket, len(key), maxKey-len(bucket))
	}
	return nil
}

// prefixEnd is the first key after all that begin with prefix, nil if there is none.
func prefixEnd(prefix []byte) []byte {
	for i := len(prefix) - 1; i >= 0; i-- {
		if prefix[i] != 0xff {
			end := append([]byte(nil), prefix[:i+1]...)
			end[i]++
			return end
		}
	}
	return nil
}
