package streams

import "github.com/mayfly-edge/mayfly/isolate/webidl"

// define gives a class its constructor and members. Classes whose methods make objects
// of one another cannot be single values: Go refuses the initialization cycle.
func define[T any](class *webidl.Class[T], constructor *webidl.Constructor[T], members ...webidl.Member[T]) *webidl.Class[T] {
	class.Constructor, class.Members = constructor, members
	return class
}

// Globals are the names of the Streams standard in the global scope, and those of the
// two transform streams that Workers add.
var Globals = []webidl.Global{
	webidl.Expose(ReadableStreamClass),
	webidl.Expose(DefaultReaderClass),
	webidl.Expose(BYOBReaderClass),
	webidl.Expose(defaultControllerClass),
	webidl.Expose(byteControllerClass),
	webidl.Expose(byobRequestClass),
	webidl.Expose(WritableStreamClass),
	webidl.Expose(WriterClass),
	webidl.Expose(writableControllerClass),
	webidl.Expose(TransformStreamClass),
	webidl.Expose(transformControllerClass),
	webidl.Expose(IdentityTransformStreamClass),
	webidl.Expose(FixedLengthStreamClass),
	webidl.Expose(CountQueuingStrategy),
	webidl.Expose(ByteLengthQueuingStrategy),
}
