package ecma

import (
	"strings"

	"github.com/dop251/goja"
)

const invalidStringLength = "Invalid string length"

// stringSizes are the methods of strings whose result can be far larger than the string.
var stringSizes = []guard{
	{name: "repeat", length: 1, check: func(g *guards, c goja.FunctionCall) goja.FunctionCall {
		c = g.integer(c, 0)
		if n := number(c.Argument(0)); n > 0 && n*float64(textLength(c.This)) > maxString {
			g.throw(invalidStringLength)
		}
		return c
	}},
	{name: "padStart", length: 1, check: checkPad},
	{name: "padEnd", length: 1, check: checkPad},
	{name: "replaceAll", length: 2, check: checkReplace},
	{name: "split", length: 2, check: checkSplit},
	{name: "normalize", check: func(g *guards, c goja.FunctionCall) goja.FunctionCall {
		if textLength(c.This) > maxNormalized {
			g.throw(invalidStringLength)
		}
		return c
	}},
}

// stringReceivers convert an object that they are called on to a string: as the
// toString method of that object each would call itself for ever.
var stringReceivers = []guard{
	{name: "toString"}, {name: "at", length: 1}, {name: "charAt", length: 1}, {name: "charCodeAt", length: 1}, {name: "codePointAt", length: 1}, {name: "concat", length: 1},
	{name: "endsWith", length: 1}, {name: "includes", length: 1}, {name: "indexOf", length: 1}, {name: "lastIndexOf", length: 1}, {name: "localeCompare", length: 1},
	{name: "match", length: 1}, {name: "matchAll", length: 1}, {name: "replace", length: 2}, {name: "search", length: 1}, {name: "slice", length: 2},
	{name: "startsWith", length: 1}, {name: "substr", length: 2}, {name: "substring", length: 2}, {name: "toLowerCase"}, {name: "toUpperCase"},
	{name: "trim"}, {name: "trimEnd"}, {name: "trimStart"}, {name: "isWellFormed"}, {name: "toWellFormed"},
	{name: "toLocaleLowerCase"}, {name: "toLocaleUpperCase"},
}

var stringMakers = []guard{
	{name: "raw", length: 1, check: func(g *guards, c goja.FunctionCall) goja.FunctionCall {
		if template, ok := c.Argument(0).(*goja.Object); ok {
			if raw, ok := template.Get("raw").(*goja.Object); ok && lengthOf(raw) > maxElements {
				g.throw(invalidStringLength)
			}
		}
		return c
	}},
}

// integer converts an argument that is an object, once, so that the guard and the
// built-in see the same number.
func (g *guards) integer(c goja.FunctionCall, i int) goja.FunctionCall {
	if o, ok := c.Argument(i).(*goja.Object); ok {
		c.Arguments = append([]goja.Value(nil), c.Arguments...)
		c.Arguments[i] = o.ToNumber()
	}
	return c
}

func checkPad(g *guards, c goja.FunctionCall) goja.FunctionCall {
	c = g.integer(c, 0)
	if number(c.Argument(0)) > maxString {
		g.throw(invalidStringLength)
	}
	return c
}

// checkReplace looks at a string that replaces a string. With a regular expression or a
// function the engine's own work is bounded by what the script makes of each match.
func checkReplace(g *guards, c goja.FunctionCall) goja.FunctionCall {
	s, ok := c.This.(goja.String)
	if !ok {
		return c
	}
	search, isString := c.Argument(0).(goja.String)
	replacement, isText := c.Argument(1).(goja.String)
	if !isString || !isText {
		return c
	}
	most := s.Length()/max(1, search.Length()) + 1
	if float64(most)*float64(replacement.Length()) <= maxString {
		return c
	}
	if float64(strings.Count(s.String(), search.String()))*float64(replacement.Length()) > maxString {
		g.throw(invalidStringLength)
	}
	return c
}

func checkSplit(g *guards, c goja.FunctionCall) goja.FunctionCall {
	s, ok := c.This.(goja.String)
	if !ok || !goja.IsUndefined(c.Argument(1)) {
		return c
	}
	separator, ok := c.Argument(0).(goja.String)
	if !ok || s.Length()/max(1, separator.Length()) <= maxElements {
		return c
	}
	if strings.Count(s.String(), separator.String()) > maxElements {
		g.throw(invalidArrayLength)
	}
	return c
}
