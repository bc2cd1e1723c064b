// Package websocket is what both ends of a WebSocket need of
// https://www.rfc-editor.org/rfc/rfc6455: frames, messages, close codes, and the answer
// to the handshake. Connections are their owners'.
package websocket
