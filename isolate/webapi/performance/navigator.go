package performance

import (
	"runtime"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

type navigator struct {
	webidl.Handle
	languages *goja.Object
}

func text(s string) func(*navigator, *webidl.Realm) (string, error) {
	return func(*navigator, *webidl.Realm) (string, error) { return s, nil }
}

// Navigator is the Navigator interface, as WorkerNavigator has it: https://html.spec.whatwg.org/#workernavigator
var Navigator = &webidl.Class[*navigator]{
	Name: "Navigator",
	Members: []webidl.Member[*navigator]{
		webidl.ReadOnly("appCodeName", text("Mozilla")),
		webidl.ReadOnly("appName", text("Netscape")),
		webidl.ReadOnly("appVersion", text("5.0")),
		webidl.ReadOnly("platform", text("")),
		webidl.ReadOnly("product", text("Gecko")),
		// Libraries tell Workers by it from other runtimes.
		webidl.ReadOnly("userAgent", text("Cloudflare-Workers")),
		webidl.ReadOnly("language", text("en")),
		webidl.ReadOnly("languages", func(n *navigator, js *webidl.Realm) (*goja.Object, error) {
			if n.languages == nil {
				n.languages = js.Freeze(js.Strings([]string{"en"}).(*goja.Object))
			}
			return n.languages, nil
		}),
		webidl.ReadOnly("onLine", func(*navigator, *webidl.Realm) (bool, error) { return true, nil }),
		webidl.ReadOnly("hardwareConcurrency", func(*navigator, *webidl.Realm) (int, error) { return runtime.GOMAXPROCS(0), nil }),
	},
}
