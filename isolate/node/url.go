package node

import (
	"github.com/dop251/goja"
	"golang.org/x/net/idna"

	"github.com/mayfly-edge/mayfly/isolate/webapi/url"
)

// urlFunctions are the natives of node:url and node:punycode.
var urlFunctions = []function{
	{"toASCII", 1, func(n *realm, _ goja.Value, args []goja.Value) (goja.Value, error) {
		// The host parser does more than map characters, and is what node:url uses.
		u, err := url.Parse("ws://"+arg(args, 0).String(), nil)
		if err != nil {
			return n.js.String(""), nil
		}
		return n.js.String(u.Hostname()), nil
	}},
	{"toUnicode", 1, func(n *realm, _ goja.Value, args []goja.Value) (goja.Value, error) {
		text, _ := idna.ToUnicode(arg(args, 0).String()) // what cannot be decoded stays as it is
		return n.js.String(text), nil
	}},
}
