package file

import "github.com/mayfly-edge/mayfly/isolate/webidl"

// Globals is what the package puts in the global scope.
var Globals = []webidl.Global{
	webidl.Expose(BlobClass),
	webidl.Expose(FileClass),
	webidl.Expose(FormDataClass),
	webidl.Expose(FileReaderClass),
}
