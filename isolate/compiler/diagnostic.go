package compiler

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Diagnostic is one thing wrong with a source, in the author's coordinates.
type Diagnostic struct {
	// File is the module name; empty when the fault is in no file.
	File string
	// Line and Column count from 1, Column in characters; 0 when unknown.
	Line, Column int
	// Length is the number of characters to underline, 0 or 1 for a caret.
	Length int
	// Text says what is wrong, in the words a developer expects.
	Text string
	// LineText is the source line, when known.
	LineText string
	// Notes say where it comes from and how to mend it.
	Notes []string
}

// Error is the failure of a build or compilation: at least one diagnostic.
type Error struct {
	Diagnostics []Diagnostic
}

// Error renders the first diagnostic on one line and counts the rest.
func (e *Error) Error() string {
	if len(e.Diagnostics) == 0 {
		return "compilation failed"
	}
	s := e.Diagnostics[0].String()
	if n := len(e.Diagnostics) - 1; n == 1 {
		s += " (and 1 more error)"
	} else if n > 1 {
		s += fmt.Sprintf(" (and %d more errors)", n)
	}
	return s
}

// Frame renders every diagnostic with its code frame, each ended by a newline.
func (e *Error) Frame() string {
	var b strings.Builder
	for i := range e.Diagnostics {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(e.Diagnostics[i].Frame())
	}
	return b.String()
}

// String renders the diagnostic on one line: file:line:column: text.
func (d *Diagnostic) String() string {
	switch {
	case d.File == "":
		return d.Text
	case d.Line == 0:
		return d.File + ": " + d.Text
	}
	return fmt.Sprintf("%s:%d:%d: %s", d.File, d.Line, d.Column, d.Text)
}

// Frame renders the diagnostic with the line it is on and a caret below the place:
//
//	index.js:2:9: Unexpected ";"
//	  2 | let x = ;
//	    |         ^
//	  note: …
func (d *Diagnostic) Frame() string {
	var b strings.Builder
	b.WriteString(d.String())
	b.WriteByte('\n')
	if d.LineText != "" && d.Line > 0 {
		writeFrame(&b, d.Line, d.Column, d.Length, d.LineText)
	}
	for _, n := range d.Notes {
		b.WriteString("  note: ")
		b.WriteString(n)
		b.WriteByte('\n')
	}
	return b.String()
}

// frameWidth bounds the characters of a line that a code frame shows.
const frameWidth = 120

func writeFrame(b *strings.Builder, line, column, length int, text string) {
	runes := []rune(strings.TrimRight(text, "\r\n"))
	at := min(max(column-1, 0), len(runes))
	head, tail := "", ""
	if len(runes) > frameWidth {
		from := min(max(0, at-frameWidth/2), len(runes)-frameWidth)
		if from > 0 {
			head = "…"
		}
		if from+frameWidth < len(runes) {
			tail = "…"
		}
		runes, at = runes[from:from+frameWidth], at-from
	}
	// A tab stays a tab in both lines so that the caret lines up at any width.
	pad := make([]rune, 0, at+1)
	if head != "" {
		pad = append(pad, ' ')
	}
	for _, r := range runes[:at] {
		if r != '\t' {
			r = ' '
		}
		pad = append(pad, r)
	}
	mark := "^"
	if length > 1 {
		mark = strings.Repeat("~", min(length, max(1, len(runes)-at)))
	}
	number := fmt.Sprint(line)
	fmt.Fprintf(b, "  %s | %s%s%s\n", number, head, string(runes), tail)
	fmt.Fprintf(b, "  %*s | %s%s\n", len(number), "", string(pad), mark)
}

// failure is an Error whose only diagnostic is in no file.
func failure(format string, args ...any) *Error {
	return &Error{Diagnostics: []Diagnostic{{Text: fmt.Sprintf(format, args...)}}}
}

// note adds a note to the last diagnostic and returns e.
func (e *Error) note(text string) *Error {
	d := &e.Diagnostics[len(e.Diagnostics)-1]
	d.Notes = append(d.Notes, text)
	return e
}

// place makes a diagnostic at a byte offset of a source text.
func place(file, src string, offset int, format string, args ...any) Diagnostic {
	offset = min(max(offset, 0), len(src))
	start := strings.LastIndexByte(src[:offset], '\n') + 1
	end := len(src)
	if i := strings.IndexByte(src[offset:], '\n'); i >= 0 {
		end = offset + i
	}
	// A minified line can be megabytes: keep what a frame can show.
	from, to := start, end
	column := 1
	if offset-start > 1<<16 || end-offset > 1<<16 {
		from, to = offset, offset
	} else {
		column = utf8.RuneCountInString(src[start:offset]) + 1
	}
	return Diagnostic{
		File: file, Line: strings.Count(src[:offset], "\n") + 1, Column: column,
		Text: fmt.Sprintf(format, args...), LineText: strings.ToValidUTF8(src[from:to], "\uFFFD"),
	}
}
