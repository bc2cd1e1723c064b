package clone

// A tag begins each value in a message.
type tag byte

const (
	tagUndefined   tag = 'u'
	tagNull        tag = 'n'
	tagTrue        tag = 't'
	tagFalse       tag = 'f'
	tagInt         tag = 'i' // varint
	tagDouble      tag = 'd' // 8 bytes
	tagBigInt      tag = 'b' // decimal text
	tagString      tag = 's' // UTF-8
	tagString16    tag = 'S' // UTF-16, for text with lone surrogates
	tagHole        tag = '_' // an absent array element
	tagSeen        tag = 'r' // number of an object written before
	tagBoxed       tag = 'p' // a primitive in an object
	tagDate        tag = 'D'
	tagRegExp      tag = 'R' // source, flags
	tagMap         tag = 'M' // count, keys and values
	tagSet         tag = 'e' // count, members
	tagObject      tag = 'o' // count, keys and values
	tagArray       tag = 'A' // length, elements, then as an object
	tagSparse      tag = 'P' // length, then as an object
	tagError       tag = 'E' // name, and then message, stack and cause or holes
	tagException   tag = 'X' // a DOMException: name, message
	tagBuffer      tag = 'h' // bytes
	tagView        tag = 'v' // class, offset, length, buffer
	tagHeld        tag = 'H' // number of a held object
	tagTransferred tag = 'T' // number of a transferred object
)
