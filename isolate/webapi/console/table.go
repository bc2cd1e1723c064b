package console

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webapi/anatomy"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// maxTable bounds the rows and the columns of a table.
const maxTable = 1000

// A table is what console.table shows: https://console.spec.whatwg.org/#table
type table struct {
	columns []string
	rows    []row
	values  bool // some row is a value of its own
}

type row struct {
	index string
	cells map[string]string
	value string
	plain bool // value is set
}

func (c *console) table(args []goja.Value) error {
	if c.sink == nil {
		return nil
	}
	if len(args) == 0 {
		return logger("log")(c, args)
	}
	data, ok := args[0].(*goja.Object)
	if !ok {
		return logger("log")(c, args[:1])
	}
	var only []string
	if len(args) > 1 && !goja.IsUndefined(args[1]) {
		list, err := webidl.Sequence(webidl.DOMString).Convert(c.js, args[1])
		if err != nil {
			return err
		}
		only = list
	}
	t := &table{columns: only}
	index := "(index)"
	switch anatomy.KindOf(c.js, data) {
	case anatomy.Map:
		index = "(iteration index)"
		t.columns = []string{"Key"}
		for i, e := range anatomy.MapEntries(c.js, data) {
			if i == maxTable {
				break
			}
			t.rows = append(t.rows, row{index: strconv.Itoa(i), cells: map[string]string{"Key": c.cell(e[0])}, value: c.cell(e[1]), plain: true})
		}
		t.values = true
	case anatomy.Set:
		index = "(iteration index)"
		for i, v := range anatomy.SetValues(c.js, data) {
			if i == maxTable {
				break
			}
			t.add(c, strconv.Itoa(i), v, only)
		}
	case anatomy.Array, anatomy.Ordinary, anatomy.Arguments:
		for i, name := range anatomy.Names(data) {
			if i == maxTable {
				break
			}
			if p, ok := anatomy.OwnName(c.js, data, name); ok && p.Enumerable && p.Value != nil {
				t.add(c, name, p.Value, only)
			}
		}
	default:
		return logger("log")(c, args[:1])
	}
	c.emit("log", t.text(index), args[:1])
	return nil
}

func (c *console) cell(v goja.Value) string {
	return Inspect(c.js, v, InspectOptions{MaxBytes: 1024, BreakAt: 1 << 30})
}

func (t *table) add(c *console, index string, v goja.Value, only []string) {
	r := row{index: index, cells: map[string]string{}}
	o, ok := v.(*goja.Object)
	if ok {
		if k := anatomy.KindOf(c.js, o); k == anatomy.Function || k == anatomy.Proxy {
			ok = false
		}
	}
	if !ok {
		r.value, r.plain, t.values = c.cell(v), true, true
		t.rows = append(t.rows, r)
		return
	}
	for _, name := range anatomy.Names(o) {
		p, found := anatomy.OwnName(c.js, o, name)
		if !found || !p.Enumerable || p.Value == nil || len(r.cells) == maxTable {
			continue
		}
		if only == nil && !contains(t.columns, name) && len(t.columns) < maxTable {
			t.columns = append(t.columns, name)
		}
		r.cells[name] = c.cell(p.Value)
	}
	t.rows = append(t.rows, r)
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

// text draws the table.
func (t *table) text(index string) string {
	head := append([]string{index}, t.columns...)
	if t.values {
		head = append(head, "Values")
	}
	lines := [][]string{}
	size := 0
	for _, r := range t.rows {
		line := []string{r.index}
		for _, name := range t.columns {
			line = append(line, r.cells[name])
		}
		if t.values {
			line = append(line, r.value)
		}
		for _, s := range line {
			size += len(s) + 3
		}
		if size > MaxText {
			break
		}
		lines = append(lines, line)
	}
	widths := make([]int, len(head))
	for _, line := range append([][]string{head}, lines...) {
		for i, s := range line {
			widths[i] = max(widths[i], utf8.RuneCountInString(s)+2)
		}
	}
	var b strings.Builder
	rule := func(left, middle, right string) {
		b.WriteString(left)
		for i, w := range widths {
			if i > 0 {
				b.WriteString(middle)
			}
			b.WriteString(strings.Repeat("─", w))
		}
		b.WriteString(right)
	}
	write := func(line []string) {
		b.WriteString("│")
		for i, s := range line {
			if i > 0 {
				b.WriteString("│")
			}
			b.WriteString(" " + s + strings.Repeat(" ", widths[i]-1-utf8.RuneCountInString(s)))
		}
		b.WriteString("│\n")
	}
	rule("┌", "┬", "┐\n")
	write(head)
	rule("├", "┼", "┤\n")
	for _, line := range lines {
		write(line)
	}
	rule("└", "┴", "┘")
	return b.String()
}
