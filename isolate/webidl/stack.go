package webidl

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/dop251/goja"
)

// AppendFrames appends the lines of a stack, each after a line feed, as V8 writes them
// (https://v8.dev/docs/stack-trace-api): parsers of stacks know no other form. Frames
// of native functions have no place and are left out.
func AppendFrames(b *strings.Builder, frames []goja.StackFrame) {
	for i := range frames {
		f := &frames[i]
		at := f.Position()
		if at.Filename == "" {
			continue
		}
		place := at.Filename + ":" + strconv.Itoa(at.Line) + ":" + strconv.Itoa(at.Column)
		b.WriteString("\n    at ")
		if name := f.FuncName(); name != "" && name != "<anonymous>" {
			place = name + " (" + place + ")"
		}
		b.WriteString(place)
	}
}

// The lines of a stack as the engine writes them: "\tat name (file:line:column(offset))"
// and "\tat name (native)", the name and its parentheses left out if there is none.
var (
	engineFrame = regexp.MustCompile(`(?m)^\tat (.+:\d+:\d+)\(\d+\)(\)?)$`)
	nativeFrame = regexp.MustCompile(`(?m)^\tat (.+ \()?native(\)?)$`)
)

// StackText returns the value of an error's stack property in the form of AppendFrames.
// The engine writes that property when it is first read, in a form of its own; any
// other text comes back as it is.
func StackText(stack string) string {
	if !strings.Contains(stack, "\n\tat ") {
		return stack
	}
	stack = engineFrame.ReplaceAllString(stack, "    at $1$2")
	stack = nativeFrame.ReplaceAllString(stack, "    at $1<anonymous>$2")
	return strings.TrimSuffix(stack, "\n")
}
