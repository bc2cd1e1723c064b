package ecma

import (
	"strings"

	"github.com/dop251/goja"
)

const invalidStringLength = "Invalid string length"

// stringSizes are the methods of strings whose result can be far larger than the string.
var stringSizes = []guard{
	{"repeat", 1, func(g *guards, c *goja.FunctionCall) {
		g.integer(c, 0)
		if n := number(c.Argument(0)); n > 0 && n*float64(textLength(c.This)) > maxString {
			g.throw(invalidStringLength)
		}
	}},
	{"padStart", 1, checkPad},
	{"padEnd", 1, checkPad},
	{"replaceAll", 2, checkReplace},
	{"split", 2, checkSplit},
	{"normalize", 0, func(g *guards, c *goja.FunctionCall) {
		if textLength(c.This) > maxNormalized {
			g.throw(invalidStringLength)
		}
	}},
}

// stringReceivers convert an object that they are called on to a string: as the
// toString method of that object each would call itself for ever.
var stringReceivers = []guard{
	{"at", 1, nil}, {"charAt", 1, nil}, {"charCodeAt", 1, nil}, {"codePointAt", 1, nil}, {"concat", 1, nil},
	{"endsWith", 1, nil}, {"includes", 1, nil}, {"indexOf", 1, nil}, {"lastIndexOf", 1, nil}, {"localeCompare", 1, nil},
	{"match", 1, nil}, {"matchAll", 1, nil}, {"replace", 2, nil}, {"search", 1, nil}, {"slice", 2, nil},
	{"startsWith", 1, nil}, {"substr", 2, nil}, {"substring", 2, nil}, {"toLowerCase", 0, nil}, {"toUpperCase", 0, nil},
	{"trim", 0, nil}, {"trimEnd", 0, nil}, {"trimStart", 0, nil}, {"isWellFormed", 0, nil}, {"toWellFormed", 0, nil},
	{"toLocaleLowerCase", 0, nil}, {"toLocaleUpperCase", 0, nil},
}

var stringMakers = []guard{
	{"raw", 1, func(g *guards, c *goja.FunctionCall) {
		if template, ok := c.Argument(0).(*goja.Object); ok {
			if raw, ok := template.Get("raw").(*goja.Object); ok && lengthOf(raw) > maxElements {
				g.throw(invalidStringLength)
			}
		}
	}},
}

// integer converts an argument that is an object, once, so that the guard and the
// built-in see the same number.
func (g *guards) integer(c *goja.FunctionCall, i int) {
	if o, ok := c.Argument(i).(*goja.Object); ok {
		c.Arguments = append([]goja.Value(nil), c.Arguments...)
		c.Arguments[i] = o.ToNumber()
	}
}

func checkPad(g *guards, c *goja.FunctionCall) {
	g.integer(c, 0)
	if number(c.Argument(0)) > maxString {
		g.throw(invalidStringLength)
	}
}

// checkReplace looks at a string that replaces a string. With a regular expression or a
// function the engine's own work is bounded by what the script makes of each match.
func checkReplace(g *guards, c *goja.FunctionCall) {
	s, ok := c.This.(goja.String)
	if !ok {
		return
	}
	search, isString := c.Argument(0).(goja.String)
	replacement, isText := c.Argument(1).(goja.String)
	if !isString || !isText {
		return
	}
	most := s.Length()/max(1, search.Length()) + 1
	if float64(most)*float64(replacement.Length()) <= maxString {
		return
	}
	if float64(strings.Count(s.String(), search.String()))*float64(replacement.Length()) > maxString {
		g.throw(invalidStringLength)
	}
}

func checkSplit(g *guards, c *goja.FunctionCall) {
	s, ok := c.This.(goja.String)
	if !ok || !goja.IsUndefined(c.Argument(1)) {
		return
	}
	separator, ok := c.Argument(0).(goja.String)
	if !ok || s.Length()/max(1, separator.Length()) <= maxElements {
		return
	}
	if strings.Count(s.String(), separator.String()) > maxElements {
		g.throw(invalidArrayLength)
	}
}
