// Package htmlrewriter is the HTMLRewriter of Workers, which changes HTML while it streams:
// https://developers.cloudflare.com/workers/runtime-apis/html-rewriter/
//
// A tokenizer cuts the document, a matcher follows selectors through the open elements, a
// Rewriter does what handlers ask for; all of that is plain Go that a Reader drives. No
// tree is built and nothing is repaired: what no handler changes comes out byte for byte.
// A script's turn is only entered for tokens that it has handlers for. The Reader runs on
// the goroutine of whoever reads the transformed body, and waits there for the handlers,
// whose promises it thereby awaits in order. Nothing is read before somebody reads the
// result, except of a stream that a script feeds: of that the first 32 KiB are taken at
// once, since the script may wait for its writes.
//
// # Behaviour
//
//	after a handler, use of its token       TypeError: This content token is no longer valid. ...
//	several handlers of one token           called in the order of registration, each with an object of its own
//	handler returns a promise               nothing goes on until it is settled
//	handler throws or rejects               what was made before is read, then the error
//	text                                    comes in pieces as it arrives; the last of a text node is empty
//	character references                    are left as they are, in text and in attributes
//	before, append                          in the order of the calls; after, prepend in the reverse order
//	content of a removed element            still goes through handlers, and is dropped
//	void and self-closed foreign elements   ignore prepend, append, setInnerContent; onEndTag throws
//	onEndTag called again                   replaces the earlier callback
//	end tag that closes several elements    callbacks run innermost first, with that tag
//	element without an end tag              ends with the end tag of an ancestor
//	</x> without an open x                  passes through
//	<script>, <style>, <title> and the like contain text only; <svg> and <math> have their namespaces
//	<![CDATA[ in foreign content            is text
//	content-length                          is dropped, other headers are kept
//	response without a body                 is returned itself
//	charset of content-type                 decodes what handlers see; unknown ones are refused
//
// It differs from Workers in this: content for the end of an element that has no end tag
// is inserted where the element ends, not dropped; streams and responses may be content
// of comments and of the document's end, too; a script in a <select> and the like is no
// error; in documents that are not in UTF-8, inserted characters beyond ASCII become
// character references.
//
// # Bounds
//
// A tag, comment or doctype may have 3 MiB, a tag 4096 attributes, a selector 16 KiB;
// 65,536 elements may be open and 1024 registrations made. Beyond is a TypeError that
// names the bound.
package htmlrewriter
