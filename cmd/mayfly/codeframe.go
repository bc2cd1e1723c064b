package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// place finds a file, line and column in a line of a stack.
var place = regexp.MustCompile(`(?:\(|at )([^\s():]+):(\d+):(\d+)`)

// codeFrame is the source line of the topmost entry of a stack that is in a file below
// dir, with a caret below the place; "" if there is none. Lines and columns count from 1.
func codeFrame(dir, stack string) string {
	for _, m := range place.FindAllStringSubmatch(stack, -1) {
		file := filepath.FromSlash(m[1])
		if !filepath.IsLocal(file) {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, file))
		if err != nil {
			continue // of a package that was bundled elsewhere, or gone
		}
		line, _ := strconv.Atoi(m[2]) // the expression takes digits only
		column, _ := strconv.Atoi(m[3])
		lines := strings.Split(string(text), "\n")
		if line < 1 || line > len(lines) {
			continue
		}
		source := strings.TrimRight(lines[line-1], "\r")
		if column < 1 || column > len(source)+1 {
			continue
		}
		// What comes before the place keeps its tabs, so that the caret stands below it.
		before := strings.Map(func(r rune) rune {
			if r == '\t' {
				return r
			}
			return ' '
		}, source[:column-1])
		margin := strings.Repeat(" ", len(m[2]))
		return fmt.Sprintf("  %s | %s\n  %s | %s^\n", m[2], source, margin, before)
	}
	return ""
}
