package attack

import (
	"fmt"
	"io"
	"text/tabwriter"
	"time"
)

// A Row is one line of the table.
type Row struct {
	Vector *Vector
	Result
	Took time.Duration
	Peak int64 // resident memory in bytes, 0 if unknown
}

// Right reports whether the vector ended as it should.
func (r *Row) Right() bool {
	for _, e := range r.Vector.Want {
		if e == r.Ending {
			return r.Innocent == "" || !e.Contained()
		}
	}
	return false
}

// Print writes the rows as a table, and under it what isolates alone did not contain.
func Print(w io.Writer, rows []Row) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "FAMILY\tVECTOR\tENDING\tCPU\tTOOK\tPEAK\t")
	contained := 0
	for i := range rows {
		r := &rows[i]
		note := ""
		if !r.Right() {
			note = fmt.Sprintf("WRONG: wanted %v", r.Vector.Want)
		}
		if r.Ending.Contained() {
			contained++
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%v\t%v\t%d MB\t%s\n", r.Vector.Family, r.Vector.Name, r.Ending,
			r.CPU.Round(time.Millisecond), r.Took.Round(time.Millisecond), r.Peak>>20, note)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(w, "\n%d of %d contained. Not contained without a process of their own:\n", contained, len(rows))
	for i := range rows {
		if r := &rows[i]; !r.Ending.Contained() {
			fmt.Fprintf(w, "  %s, %s: %s\n", r.Vector.Family, r.Vector.Name, r.Ending)
		}
	}
	return nil
}
