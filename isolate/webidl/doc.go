// Package webidl binds Go to JavaScript by the rules of Web IDL
// (https://webidl.spec.whatwg.org/).
//
// A Web API class is one package-level Class value that lists its members in the
// order of the standard's IDL; the Go methods hold only the numbered steps:
//
//	var Headers = &webidl.Class[*headers]{
//		Name:        "Headers",
//		Constructor: webidl.New1(newHeaders, webidl.Optional(HeadersInit)),
//		Members: []webidl.Member[*headers]{
//			webidl.Proc2("append", (*headers).append, webidl.ByteString, webidl.ByteString),
//			webidl.Op1("get", (*headers).get, webidl.ByteString),
//		},
//	}
//
// A Type converts one JavaScript value to one Go value. An implementation embeds
// Handle, which ties it to its JavaScript object. A Realm holds what belongs to one
// JavaScript runtime: the classes built in it so far, its event loop and intrinsics.
//
// A *Realm as a parameter means "on the isolate's turn, now". A goroutine never keeps
// one: work off the loop goes through Await or Realm.Go and comes back as a task.
//
// Errors: a method returns an error to throw. Exceptions are made with TypeError,
// RangeError, DOMError and Throw; any other error becomes a plain Error with its text.
// A method that returns *Promise never throws: its errors become rejections.
package webidl
