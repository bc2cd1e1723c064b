// Package websocket is the WebSocket of Workers: WebSocketPair, whose one end a worker
// keeps and whose other end it hands to the client in a response with status 101, or
// uses itself; and the sockets that a worker opens, by fetch or by WebSocket's constructor. https://developers.cloudflare.com/workers/runtime-apis/websockets/
//
// The classes follow https://websockets.spec.whatwg.org/ where Workers do.
package websocket
