package ledger

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/mayfly-edge/mayfly/isolate/outside"
)

// Usage is what invocations used. The zero value is nothing used.
type Usage struct {
	// Invocations counts all of them, Requests those that are billed: not the ones made by
	// other workers, and not those in which the worker could not be run at all
	// (scriptNotFound, loadShed, internalError).
	Invocations int64 `json:"invocations"`
	Requests    int64 `json:"requests"`
	Subrequests int64 `json:"subrequests"`
	CPU         Span  `json:"cpu_ms"`
	Wall        Span  `json:"wall_ms"`
	// ColdStarts counts invocations for which the worker had to be loaded, ColdStart the
	// time that took.
	ColdStarts int64 `json:"cold_starts"`
	ColdStart  Span  `json:"cold_start_ms"`
	// Billed is duration as Lambda bills it: loading and wall time together, each
	// invocation rounded up to a millisecond. Memory is that times the memory size.
	Billed    Span       `json:"billed_ms"`
	Memory    MemoryTime `json:"gb_seconds"`
	KVReads   int64      `json:"kv_reads"`
	KVWrites  int64      `json:"kv_writes"`
	KVDeletes int64      `json:"kv_deletes"`
	KVLists   int64      `json:"kv_lists"`
	BytesIn   int64      `json:"bytes_in"`
	BytesOut  int64      `json:"bytes_out"`
	// KVHeld is how much was held in KV, and for how long. It belongs to accounts: it is
	// in rows without a script.
	KVHeld   HeldTime `json:"kv_gb_minutes"`
	Outcomes Outcomes `json:"outcomes"`
}

// fields lists the counters in the order in which they are stored. New ones go to the end.
func (u *Usage) fields() [16 + len(outside.Outcomes)]*int64 {
	f := [16 + len(outside.Outcomes)]*int64{
		&u.Invocations, &u.Requests, &u.Subrequests, (*int64)(&u.CPU), (*int64)(&u.Wall),
		&u.ColdStarts, (*int64)(&u.ColdStart), (*int64)(&u.Billed), (*int64)(&u.Memory),
		&u.KVReads, &u.KVWrites, &u.KVDeletes, &u.KVLists, &u.BytesIn, &u.BytesOut,
	}
	for i := range u.Outcomes {
		f[15+i] = &u.Outcomes[i]
	}
	f[15+len(u.Outcomes)] = (*int64)(&u.KVHeld)
	return f
}

// Add adds other to u.
func (u *Usage) Add(other *Usage) {
	to, from := u.fields(), other.fields()
	for i := range to {
		*to[i] += *from[i]
	}
}

// record adds one invocation with memory in MB.
func (u *Usage) record(r *outside.Report, memory int64) {
	u.Invocations++
	o := outcomeIndex(r.Outcome)
	u.Outcomes[o]++
	u.Subrequests += int64(r.Subrequests)
	u.CPU += Span(r.CPU)
	u.Wall += Span(r.Wall)
	u.KVReads += int64(r.KVReads)
	u.KVWrites += int64(r.KVWrites)
	u.KVDeletes += int64(r.KVDeletes)
	u.KVLists += int64(r.KVLists)
	u.BytesIn += r.BytesIn
	u.BytesOut += r.BytesOut
	if r.ColdStart > 0 {
		u.ColdStarts++
		u.ColdStart += Span(r.ColdStart)
	}
	if !workerRan(outside.Outcomes[o]) {
		return
	}
	if !r.Internal {
		u.Requests++
	}
	ms := int64((r.Wall + r.ColdStart + time.Millisecond - 1) / time.Millisecond)
	u.Billed += Span(ms * int64(time.Millisecond))
	u.Memory += MemoryTime(ms * memory)
}

// workerRan is false for outcomes in which the platform never let the worker begin.
func workerRan(o outside.Outcome) bool {
	switch o {
	case outside.OutcomeScriptNotFound, outside.OutcomeLoadShed, outside.OutcomeInternalError:
		return false
	}
	return true
}

// outcomeIndex is the place of o in [outside.Outcomes]; an unknown one is an internal error.
func outcomeIndex(o outside.Outcome) int {
	for i := range outside.Outcomes {
		if outside.Outcomes[i] == o {
			return i
		}
	}
	return outcomeIndex(outside.OutcomeInternalError)
}

// A Span is a sum of durations in nanoseconds. As JSON it is a number of milliseconds,
// with as many decimals as it needs.
type Span int64

// MarshalJSON implements [json.Marshaler].
func (s Span) MarshalJSON() ([]byte, error) { return []byte(decimal(int64(s), 6)), nil }

// UnmarshalJSON implements [json.Unmarshaler].
func (s *Span) UnmarshalJSON(b []byte) error {
	v, err := parseDecimal(string(b), 6)
	*s = Span(v)
	return err
}

// Duration returns the sum as a duration.
func (s Span) Duration() time.Duration { return time.Duration(s) }

// MemoryTime is memory held over time, in megabytes times milliseconds. As JSON it is an
// exact number of GB-seconds, where a GB is 1024 MB.
type MemoryTime int64

// gbSecond is one GB-second; mbMilli is how many 10^-13 GB-seconds a MemoryTime of 1 is.
const (
	gbSecond = 1024 * 1000
	mbMilli  = 10_000_000_000_000 / gbSecond
)

// String returns GB-seconds as an exact decimal number.
func (m MemoryTime) String() string {
	s := strconv.FormatInt(int64(m/gbSecond), 10)
	if rest := int64(m%gbSecond) * mbMilli; rest != 0 {
		s += "." + strings.TrimRight(fmt.Sprintf("%013d", rest), "0")
	}
	return s
}

// MarshalJSON implements [json.Marshaler].
func (m MemoryTime) MarshalJSON() ([]byte, error) { return []byte(m.String()), nil }

// UnmarshalJSON implements [json.Unmarshaler].
func (m *MemoryTime) UnmarshalJSON(b []byte) error {
	whole, rest, _ := strings.Cut(string(b), ".")
	n, err := strconv.ParseInt(whole, 10, 64)
	if err != nil || n < 0 || len(rest) > 13 {
		return fmt.Errorf("%s is not a number of GB-seconds", b)
	}
	frac, err := strconv.ParseUint((rest + "0000000000000")[:13], 10, 64)
	if err != nil {
		return fmt.Errorf("%s is not a number of GB-seconds", b)
	}
	*m = MemoryTime(n*gbSecond + int64(frac)/mbMilli)
	return nil
}

// HeldTime is storage over time, in bytes times minutes. As JSON it is an exact number of
// GB-minutes, where a GB is 10^9 bytes.
type HeldTime int64

// String returns GB-minutes as an exact decimal number.
func (h HeldTime) String() string { return decimal(int64(h), 9) }

// MarshalJSON implements [json.Marshaler].
func (h HeldTime) MarshalJSON() ([]byte, error) { return []byte(h.String()), nil }

// UnmarshalJSON implements [json.Unmarshaler].
func (h *HeldTime) UnmarshalJSON(b []byte) error {
	v, err := parseDecimal(string(b), 9)
	*h = HeldTime(v)
	return err
}

// Average is how many bytes were held on average over a time.
func (h HeldTime) Average(d time.Duration) int64 {
	return int64(h) / max(int64(d/time.Minute), 1)
}

// Outcomes counts invocations by outcome, in the order of [outside.Outcomes]. As JSON it
// is an object of those that happened.
type Outcomes [len(outside.Outcomes)]int64

// Of returns the count of one outcome.
func (o *Outcomes) Of(outcome outside.Outcome) int64 { return o[outcomeIndex(outcome)] }

// MarshalJSON implements [json.Marshaler].
func (o Outcomes) MarshalJSON() ([]byte, error) {
	b := []byte{'{'}
	for i, n := range o {
		if n == 0 {
			continue
		}
		if len(b) > 1 {
			b = append(b, ',')
		}
		b = strconv.AppendQuote(b, string(outside.Outcomes[i]))
		b = strconv.AppendInt(append(b, ':'), n, 10)
	}
	return append(b, '}'), nil
}

// UnmarshalJSON implements [json.Unmarshaler].
func (o *Outcomes) UnmarshalJSON(b []byte) error {
	var counts map[outside.Outcome]int64
	if err := json.Unmarshal(b, &counts); err != nil {
		return err
	}
	*o = Outcomes{}
	for outcome, n := range counts {
		o[outcomeIndex(outcome)] += n
	}
	return nil
}

// format is the first byte of a stored Usage.
const format = 1

// encode returns the stored form: the format, then each counter as a varint, zeros at the
// end left out.
func (u *Usage) encode() []byte {
	fields := u.fields()
	n := len(fields)
	for n > 0 && *fields[n-1] == 0 {
		n--
	}
	b := []byte{format}
	for _, f := range fields[:n] {
		b = binary.AppendVarint(b, *f)
	}
	return b
}

func (u *Usage) decode(b []byte) error {
	if len(b) == 0 || b[0] != format {
		return fmt.Errorf("ledger: stored usage has an unknown format; it was written by a newer version")
	}
	*u = Usage{}
	b = b[1:]
	for _, f := range u.fields() {
		if len(b) == 0 {
			return nil
		}
		v, n := binary.Varint(b)
		if n <= 0 {
			return fmt.Errorf("ledger: stored usage is damaged")
		}
		*f, b = v, b[n:]
	}
	if len(b) > 0 {
		return fmt.Errorf("ledger: stored usage has %d bytes too many; it was written by a newer version", len(b))
	}
	return nil
}

// decimal writes v x 10^-places without superfluous zeros.
func decimal(v int64, places int) string {
	sign := ""
	u := uint64(v)
	if v < 0 {
		sign, u = "-", -u
	}
	s := fmt.Sprintf("%0*d", places+1, u)
	whole, rest := s[:len(s)-places], strings.TrimRight(s[len(s)-places:], "0")
	if rest != "" {
		whole += "." + rest
	}
	return sign + whole
}

func parseDecimal(s string, places int) (int64, error) {
	whole, rest, _ := strings.Cut(s, ".")
	if len(rest) > places {
		return 0, fmt.Errorf("%s has more than %d decimals", s, places)
	}
	if whole == "" || whole == "-" {
		return 0, fmt.Errorf("%q is not a decimal number", s)
	}
	v, err := strconv.ParseInt(whole+rest+strings.Repeat("0", places-len(rest)), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%s is not a decimal number", s)
	}
	return v, nil
}
