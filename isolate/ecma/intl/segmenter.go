package intl

import (
	"unicode"

	"github.com/dop251/goja"
	"github.com/rivo/uniseg"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// segmenter is https://tc39.es/ecma402/#segmenter-objects
// Words of languages without spaces (Thai, Chinese, Japanese) come one character at a
// time, since there is no dictionary.
type segmenter struct {
	webidl.Handle
	name, granularity string
}

var segmenterClass = service("Segmenter", 0, false, newSegmenter,
	member[*segmenter]{"resolvedOptions", 0, false, func(s *segmenter, js *webidl.Realm, _ goja.FunctionCall) goja.Value {
		return object(js, "locale", s.name, "granularity", s.granularity)
	}},
	member[*segmenter]{"segment", 1, false, func(s *segmenter, js *webidl.Realm, c goja.FunctionCall) goja.Value {
		v := c.Argument(0)
		text, ok := v.(goja.String)
		if !ok {
			text = js.String(textOf(js, v)).(goja.String)
		}
		return segmentsClass.Wrap(js, &segments{text: text, granularity: s.granularity})
	}},
)

// newSegmenter is https://tc39.es/ecma402/#sec-intl.segmenter
func newSegmenter(js *webidl.Realm, locales, opts goja.Value) *segmenter {
	requested := requestedLocales(js, locales)
	o := objectOptions(js, opts)
	o.text("localeMatcher", "best fit", "lookup", "best fit")
	return &segmenter{name: resolveLocale(requested).locale, granularity: o.text("granularity", "grapheme", "grapheme", "word", "sentence")}
}

// segments is https://tc39.es/ecma402/#sec-segments-objects
type segments struct {
	webidl.Handle
	text        goja.String
	granularity string
}

var segmentsClass = &webidl.Class[*segments]{Name: "Segments", Members: []webidl.Member[*segments]{
	webidl.Custom[*segments](func(js *webidl.Realm, _, prototype *goja.Object) {
		this := func(c goja.FunctionCall) *segments {
			s, ok := webidl.As[*segments](c.This)
			if !ok {
				js.Throw(webidl.TypeError("%%SegmentsPrototype%% method called on incompatible receiver"))
			}
			return s
		}
		method(js, prototype, "containing", 1, func(c goja.FunctionCall) goja.Value {
			s := this(c)
			at := c.Argument(0).ToInteger()
			if at < 0 || at >= int64(s.text.Length()) {
				return goja.Undefined()
			}
			cursor := s.start()
			for {
				from, to, word := cursor.next()
				if int(at) < to {
					return s.describe(js, from, to, word)
				}
			}
		})
		iterate := js.Function("[Symbol.iterator]", 0, func(c goja.FunctionCall) goja.Value {
			s := this(c)
			return segmentIteratorClass.Wrap(js, &segmentIterator{segments: s, cursor: s.start()})
		})
		must(prototype.DefineDataPropertySymbol(goja.SymIterator, iterate, goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_FALSE))
	}),
}}

// segmentIterator is https://tc39.es/ecma402/#sec-segment-iterator-objects
type segmentIterator struct {
	webidl.Handle
	segments *segments
	cursor   *cursor
}

var segmentIteratorClass = &webidl.Class[*segmentIterator]{Name: "Segmenter String Iterator", Members: []webidl.Member[*segmentIterator]{
	webidl.Custom[*segmentIterator](func(js *webidl.Realm, _, prototype *goja.Object) {
		list := js.VM.NewArray()
		if keys, ok := goja.AssertFunction(list.Get("keys")); ok {
			if it, err := keys(list); err == nil {
				must(prototype.SetPrototype(it.(*goja.Object).Prototype().Prototype()))
			}
		}
		method(js, prototype, "next", 0, func(c goja.FunctionCall) goja.Value {
			i, ok := webidl.As[*segmentIterator](c.This)
			if !ok {
				js.Throw(webidl.TypeError("%%SegmentIterator.prototype%%.next called on incompatible receiver"))
			}
			if i.cursor.rest == "" {
				return js.IteratorResult(goja.Undefined(), true)
			}
			from, to, word := i.cursor.next()
			return js.IteratorResult(i.segments.describe(js, from, to, word), false)
		})
	}),
}}

// describe is https://tc39.es/ecma402/#sec-createsegmentdataobject
func (s *segments) describe(js *webidl.Realm, from, to int, wordLike bool) goja.Value {
	o := object(js, "segment", s.text.Substring(from, to), "index", from, "input", s.text)
	if s.granularity == "word" {
		must(o.Set("isWordLike", wordLike))
	}
	return o
}

func (s *segments) start() *cursor {
	return &cursor{rest: s.text.String(), state: -1, granularity: s.granularity}
}

// A cursor walks over the segments of a text.
type cursor struct {
	rest        string
	state       int
	at          int // in UTF-16 code units
	granularity string
}

// next returns the bounds of the next segment in UTF-16 code units, which there must be.
func (c *cursor) next() (from, to int, wordLike bool) {
	var segment string
	switch c.granularity {
	case "word":
		segment, c.rest, c.state = uniseg.FirstWordInString(c.rest, c.state)
	case "sentence":
		segment, c.rest, c.state = uniseg.FirstSentenceInString(c.rest, c.state)
	default:
		segment, c.rest, _, c.state = uniseg.FirstGraphemeClusterInString(c.rest, c.state)
	}
	from = c.at
	for _, r := range segment {
		c.at++
		if r > 0xFFFF {
			c.at++
		}
		wordLike = wordLike || unicode.IsLetter(r) || unicode.IsNumber(r)
	}
	return from, c.at, wordLike
}
