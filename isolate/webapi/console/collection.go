package console

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webapi/anatomy"
)

// shown returns how many of n elements are shown.
func (in *inspector) shown(n int) int {
	if in.o.MaxArray < 0 {
		return n
	}
	return min(n, in.o.MaxArray)
}

func more(f *figure, n int) {
	if n > 0 {
		f.items = append(f.items, fmt.Sprintf("... %d more item%s", n, plural(n)))
	}
}

func (in *inspector) elements(f *figure, o *goja.Object, n, level int) {
	shown := in.shown(n)
	holes := 0
	flush := func() {
		if holes > 0 {
			f.items = append(f.items, fmt.Sprintf("<%d empty item%s>", holes, plural(holes)))
			holes = 0
		}
	}
	in.indent += 2
	i := 0
	for ; i < n && len(f.items) < shown && in.left > 0; i++ {
		p, ok := anatomy.OwnName(in.js, o, strconv.Itoa(i))
		if !ok {
			if holes++; holes > 1000 { // the rest of a sparse array
				holes, i = n-i+holes-1, n
			}
			continue
		}
		flush()
		if len(f.items) == shown {
			break
		}
		f.items = append(f.items, in.propertyValue(p, level))
	}
	flush()
	in.indent -= 2
	more(f, n-i)
}

func (in *inspector) typedElements(f *figure, o *goja.Object, n int) {
	shown := in.shown(n)
	for i := range shown {
		f.items = append(f.items, in.value(o.Get(strconv.Itoa(i)), 0, true)) // elements are never accessors
	}
	more(f, n-shown)
}

func (in *inspector) entries(f *figure, entries [][2]goja.Value, level int) {
	shown := in.shown(len(entries))
	in.indent += 2
	for i, e := range entries[:shown] {
		if in.left <= 0 {
			shown = i
			break
		}
		f.items = append(f.items, in.value(e[0], level+1, false)+" => "+in.value(e[1], level+1, false))
	}
	in.indent -= 2
	more(f, len(entries)-shown)
}

func (in *inspector) members(f *figure, values []goja.Value, level int) {
	shown := in.shown(len(values))
	in.indent += 2
	for i, v := range values[:shown] {
		if in.left <= 0 {
			shown = i
			break
		}
		f.items = append(f.items, in.value(v, level+1, false))
	}
	in.indent -= 2
	more(f, len(values)-shown)
}

// join puts the items of a figure on one line if they are few and short, and otherwise
// one to a line, or in columns.
func (in *inspector) join(f *figure, base string, level int) string {
	if base != "" {
		base += " "
	}
	open := f.prefix + f.open
	items := f.items
	if len(items) == 0 {
		return base + open + f.close
	}
	count := len(items)
	if f.array && count > 6 {
		items = in.columns(items, count)
	}
	if in.current-level < 3 && count == len(items) {
		total := len(items) + in.indent + len(open) + len(base) + 10
		total += len(items)
		for _, s := range items {
			total += utf8.RuneCountInString(s)
		}
		line := strings.Join(items, ", ")
		if total <= in.o.BreakAt && !strings.Contains(base, "\n") && !strings.Contains(line, "\n") {
			return base + open + " " + line + " " + f.close
		}
	}
	gap := "\n" + strings.Repeat(" ", in.indent)
	return base + open + gap + "  " + strings.Join(items, ","+gap+"  ") + gap + f.close
}

// columns groups many short items of an array in lines of equal columns.
func (in *inspector) columns(items []string, count int) []string {
	last := ""
	if s := items[count-1]; strings.HasPrefix(s, "... ") && strings.Contains(s, " more item") {
		last = s
		count--
	}
	const separator = 2 // ", "
	total, longest := 0, 0
	widths := make([]int, count)
	numeric := true
	for i, s := range items[:count] {
		if strings.Contains(s, "\n") {
			return items
		}
		widths[i] = utf8.RuneCountInString(s)
		total += widths[i] + separator
		longest = max(longest, widths[i])
		numeric = numeric && (s[0] == '-' || s[0] >= '0' && s[0] <= '9')
	}
	actual := longest + separator
	if actual*3+in.indent >= in.o.BreakAt || !(float64(total)/float64(actual) > 5 || longest <= 6) {
		return items
	}
	// A block about 2.5 times as wide as high, as characters are high.
	width := math.Max(float64(actual)-3-math.Sqrt(float64(actual)-float64(total)/float64(len(items))), 1)
	n := min(int(math.Round(math.Sqrt(2.5*width*float64(count))/width)), (in.o.BreakAt-in.indent)/actual, 12)
	if n <= 1 {
		return items
	}
	var column []int
	for i := 0; i < n; i++ {
		w := 0
		for j := i; j < count; j += n {
			w = max(w, widths[j])
		}
		column = append(column, w+separator)
	}
	var lines []string
	for i := 0; i < count; i += n {
		end := min(i+n, count)
		var b strings.Builder
		for j := i; j < end; j++ {
			cell := items[j]
			if j < end-1 {
				cell += ", "
			}
			pad := column[j-i] - widths[j] - separator
			switch {
			case numeric:
				b.WriteString(strings.Repeat(" ", pad) + cell)
			case j < end-1:
				b.WriteString(cell + strings.Repeat(" ", pad))
			default:
				b.WriteString(cell)
			}
		}
		lines = append(lines, b.String())
	}
	if last != "" {
		lines = append(lines, last)
	}
	return lines
}

// isoDate is Date.prototype.toISOString.
func isoDate(ms int64) string {
	t := time.UnixMilli(ms).UTC()
	if y := t.Year(); y < 0 || y > 9999 {
		sign := '+'
		if y < 0 {
			sign, y = '-', -y
		}
		return fmt.Sprintf("%c%06d%s", sign, y, t.Format("-01-02T15:04:05.000Z"))
	}
	return t.Format("2006-01-02T15:04:05.000Z")
}
