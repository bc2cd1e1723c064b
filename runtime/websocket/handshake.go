package websocket

import (
	"crypto/sha1" // the handshake's, not for secrecy
	"encoding/base64"
)

// AppendAccept appends the sec-websocket-accept that answers a sec-websocket-key
// (https://www.rfc-editor.org/rfc/rfc6455#section-4.2.2).
func AppendAccept(dst []byte, key string) []byte {
	sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	return base64.StdEncoding.AppendEncode(dst, sum[:])
}
