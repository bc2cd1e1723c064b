package htmlrewriter

import "bytes"

// A tokenizer cuts HTML into tokens that together are its input, byte for byte. It
// follows https://html.spec.whatwg.org/#tokenization as far as the borders between
// tokens go; character references are not decoded, nothing is repaired. Input comes in
// pieces that may be cut anywhere: text is handed on as it comes, any other token when
// it is complete.
//
// What the tree builder would tell a tokenizer, whoever uses it does: raw and foreign.
type tokenizer struct {
	token token

	// wantText and wantComments say what somebody will look at. Text is then cut between
	// characters, as boundary finds them, and comments are collected.
	wantText, wantComments bool
	boundary               func([]byte) int

	// foreign is set while the current node is not in the HTML namespace: there are CDATA
	// sections there.
	foreign bool

	buf   []byte // buf[pos:] is not consumed
	pos   int
	own   []byte // memory for a token that goes on in the next piece
	ended bool   // there is no more input

	state   state
	rawName string // of the element whose text it is, in lower case
	script  scriptState

	// Of a token that is not complete:
	scan int // bytes that were looked at
	tag  tagState
	err  error
}

type tokenKind uint8

const (
	textToken tokenKind = iota
	startTagToken
	endTagToken
	commentToken
	doctypeToken
	opaqueToken // what passes through unseen
)

// A token is valid until the next one is asked for.
type token struct {
	kind        tokenKind
	raw         []byte
	name        []byte // of a tag, as written
	text        []byte // of a comment, or what is between <! and > of a doctype
	attributes  []attribute
	selfClosing bool
}

// An attribute is a place in a tag's raw bytes.
type attribute struct{ name, value, raw span }

type span struct{ start, end int }

func (s span) of(raw []byte) []byte { return raw[s.start:s.end] }

type state uint8

const (
	inData      state = iota
	inRawText         // up to the end tag of rawName
	inScript          // up to </script>
	inPlaintext       // up to the end of the input
	inCDATA           // up to ]]>
	inComment         // in the middle of a comment that nobody wants
	inBogus           // in the middle of a bogus comment that nobody wants
)

type scriptState uint8

const (
	scriptData          scriptState = iota
	scriptEscaped                   // after <!--
	scriptDoubleEscaped             // after <!-- <script>
)

// Bounds of what is kept of a document, whatever it is.
const (
	maxToken      = 3 << 20 // bytes of a tag, comment or doctype
	maxAttributes = 4096    // of a tag
)

// feed gives the tokenizer the next piece of input, when next has asked for it. The
// tokenizer reads the piece until it asks again.
func (t *tokenizer) feed(piece []byte) {
	if len(t.own) == 0 {
		t.buf, t.pos = piece, 0
		return
	}
	t.own = append(t.own, piece...)
	t.buf, t.pos = t.own, 0
}

// end says that there is no more input.
func (t *tokenizer) end() {
	t.ended = true
	t.buf, t.pos = t.own, 0
}

// more keeps what is left of the piece and asks for another.
func (t *tokenizer) more() bool {
	rest := t.buf[t.pos:]
	if len(rest) > maxToken {
		t.err = parserError("a tag or comment is longer than the limit of %d bytes", maxToken)
		return false
	}
	if t.pos == 0 && len(t.own) > 0 { // it is there already
		t.own = rest
	} else {
		t.own = append(t.own[:0], rest...)
	}
	t.buf, t.pos = nil, 0
	return false
}

// emit hands on the next n bytes as a token.
func (t *tokenizer) emit(kind tokenKind, n int) bool {
	t.token.kind, t.token.raw = kind, t.buf[t.pos:t.pos+n]
	t.pos += n
	t.scan = 0
	if t.pos == len(t.buf) {
		t.own = t.own[:0]
	}
	return true
}

// next finds the next token. It reports false when it needs more input, or at the end.
func (t *tokenizer) next() bool {
	rest := t.buf[t.pos:]
	if len(rest) == 0 || t.err != nil {
		return false
	}
	switch t.state {
	case inRawText:
		return t.rawText(rest)
	case inScript:
		return t.scriptText(rest)
	case inPlaintext:
		return t.someText(rest)
	case inCDATA:
		return t.cdata(rest)
	case inComment, inBogus:
		return t.commentRest(rest)
	}
	switch i := bytes.IndexByte(rest, '<'); {
	case i < 0:
		return t.someText(rest)
	case i > 0:
		return t.emit(textToken, i)
	}
	return t.markup(rest)
}

// someText hands on rest, but for a character that may go on in the next piece.
func (t *tokenizer) someText(rest []byte) bool {
	n := len(rest)
	if t.wantText && !t.ended {
		if n = t.boundary(rest); n == 0 {
			return t.more()
		}
	}
	return t.emit(textToken, n)
}

// before hands on the text before i, or asks for more where there is none.
func (t *tokenizer) before(i int) bool {
	if i > 0 {
		return t.emit(textToken, i)
	}
	return t.more()
}

// markup looks at what begins with <: https://html.spec.whatwg.org/#tag-open-state
func (t *tokenizer) markup(rest []byte) bool {
	if len(rest) < 2 {
		return t.incomplete(rest)
	}
	switch c := rest[1]; {
	case isLetter(c):
		return t.tagToken(rest, 1)
	case c == '/':
		switch {
		case len(rest) < 3:
			return t.incomplete(rest)
		case isLetter(rest[2]):
			return t.tagToken(rest, 2)
		case rest[2] == '>':
			return t.emit(opaqueToken, 3)
		}
		return t.bogus(rest, commentToken)
	case c == '!':
		return t.declaration(rest)
	case c == '?':
		return t.bogus(rest, commentToken)
	}
	// The < is text.
	if i := bytes.IndexByte(rest[1:], '<'); i >= 0 {
		return t.emit(textToken, i+1)
	}
	return t.someText(rest)
}

// incomplete asks for more, or takes what is there for text at the end of the input.
func (t *tokenizer) incomplete(rest []byte) bool {
	if t.ended {
		return t.emit(textToken, len(rest))
	}
	return t.more()
}

// declaration is https://html.spec.whatwg.org/#markup-declaration-open-state
func (t *tokenizer) declaration(rest []byte) bool {
	for _, d := range [...]struct {
		opening string
		then    func([]byte) bool
	}{
		{"<!--", t.comment},
		{"<!doctype", func(rest []byte) bool { return t.bogus(rest, doctypeToken) }},
		{"<![CDATA[", t.openCDATA},
	} {
		n := min(len(rest), len(d.opening))
		if d.opening[2] == '[' && (!t.foreign || string(rest[:n]) != d.opening[:n]) || !foldedEqual(rest[:n], d.opening[:n]) {
			continue
		}
		if n == len(d.opening) {
			return d.then(rest)
		}
		if !t.ended {
			return t.more()
		}
	}
	return t.bogus(rest, commentToken)
}

func (t *tokenizer) openCDATA([]byte) bool {
	t.state = inCDATA
	return t.emit(opaqueToken, len("<![CDATA["))
}

// bogus is what ends with the next >.
func (t *tokenizer) bogus(rest []byte, kind tokenKind) bool {
	i := bytes.IndexByte(rest[t.scan:], '>')
	if i < 0 {
		if kind == commentToken && !t.wantComments {
			t.state = inBogus
			return t.emit(opaqueToken, len(rest))
		}
		if t.scan = len(rest); !t.ended {
			return t.more()
		}
		t.token.text = rest[2:]
		return t.emit(kind, len(rest))
	}
	i += t.scan
	t.token.text = rest[2:i]
	if rest[1] == '?' {
		t.token.text = rest[1:i]
	}
	return t.emit(kind, i+1)
}

const commentOpening = "<!--"

// comment is https://html.spec.whatwg.org/#comment-start-state
func (t *tokenizer) comment(rest []byte) bool {
	inner := rest[len(commentOpening):]
	switch {
	case bytes.HasPrefix(inner, []byte(">")):
		t.token.text = nil
		return t.emit(commentToken, len(commentOpening)+1)
	case bytes.HasPrefix(inner, []byte("->")):
		t.token.text = nil
		return t.emit(commentToken, len(commentOpening)+2)
	}
	text, end, ok := commentEnd(inner, t.scan)
	switch {
	case ok:
		t.token.text = inner[:text]
		return t.emit(commentToken, len(commentOpening)+end)
	case t.ended:
		t.token.text = inner
		return t.emit(commentToken, len(rest))
	case !t.wantComments && len(inner) > 8:
		t.state = inComment
		return t.emit(opaqueToken, len(rest)-3)
	}
	t.scan = max(0, len(inner)-3)
	return t.more()
}

// commentEnd finds --> or --!> in b: where the text ends, and where the comment does.
func commentEnd(b []byte, from int) (text, end int, ok bool) {
	for i := from; ; i++ {
		j := bytes.Index(b[i:], []byte("--"))
		if j < 0 {
			return 0, 0, false
		}
		i += j
		switch after := b[i+2:]; {
		case bytes.HasPrefix(after, []byte(">")):
			return i, i + 3, true
		case bytes.HasPrefix(after, []byte("!>")):
			return i, i + 4, true
		}
	}
}

// commentRest passes on a comment that nobody wants.
func (t *tokenizer) commentRest(rest []byte) bool {
	if t.state == inBogus {
		i := bytes.IndexByte(rest, '>')
		if i < 0 {
			return t.emit(opaqueToken, len(rest))
		}
		t.state = inData
		return t.emit(opaqueToken, i+1)
	}
	_, end, ok := commentEnd(rest, 0)
	switch {
	case ok:
		t.state = inData
		return t.emit(opaqueToken, end)
	case t.ended:
		return t.emit(opaqueToken, len(rest))
	case len(rest) > 3:
		return t.emit(opaqueToken, len(rest)-3)
	}
	return t.more()
}

// cdata is https://html.spec.whatwg.org/#cdata-section-state
func (t *tokenizer) cdata(rest []byte) bool {
	switch i := bytes.Index(rest, []byte("]]>")); {
	case i > 0:
		return t.emit(textToken, i)
	case i == 0:
		t.state = inData
		return t.emit(opaqueToken, 3)
	case t.ended:
		return t.emit(textToken, len(rest))
	}
	n := len(rest)
	for n > 0 && len(rest)-n < 2 && rest[n-1] == ']' {
		n--
	}
	if n == len(rest) {
		return t.someText(rest)
	}
	return t.before(n)
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f' }

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 0x20
	}
	return c
}

// foldedEqual compares without regard to the case of ASCII letters.
func foldedEqual[A, B []byte | string](a A, b B) bool {
	if len(a) != len(b) {
		return false
	}
	for i := 0; i < len(a); i++ {
		if lower(a[i]) != lower(b[i]) {
			return false
		}
	}
	return true
}
