// Package dom is what a realm without documents needs of the DOM standard
// (https://dom.spec.whatwg.org/): events, event targets and the abort machinery, with
// the event classes of the HTML and WebSockets standards that are events only.
//
// Other packages extend its classes by embedding: a class whose objects are event
// targets embeds EventTarget and has EventTargetClass as its Extends; an event class
// embeds Event. Both override Wrap to make the object of their own class.
package dom
