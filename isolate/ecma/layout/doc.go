// Package layout makes and reads the engine's objects as they lie in memory, all
// properties at once. By the engine's own interface each property of an object costs a
// call that is protected against exceptions, and the list of their names grows step by
// step; a document of JSON is thousands of objects of a few shapes.
//
// It relies on how the engine keeps its objects, which is compared with what is written
// down here, field by field, and tried out, once in a process. If an engine keeps them
// otherwise, objects are made by its own interface and none is read: slower, not wrong.
package layout
