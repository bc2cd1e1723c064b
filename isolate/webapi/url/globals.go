package url

import "github.com/mayfly-edge/mayfly/isolate/webidl"

// Globals is what the package puts in the global scope.
var Globals = []webidl.Global{
	webidl.Expose(URL),
	webidl.Expose(URLSearchParams),
	webidl.Expose(URLPattern),
}
