package wpt

import (
	"encoding/json"
	"fmt"
)

// A Status is how a subtest or a whole file ended.
type Status string

// Statuses: https://web-platform-tests.org/writing-tests/testharness-api.html#callback-api.
// OK and Error are of files, the others of subtests.
const (
	OK                 Status = "OK"
	Error              Status = "ERROR"
	Pass               Status = "PASS"
	Fail               Status = "FAIL"
	Timeout            Status = "TIMEOUT"
	NotRun             Status = "NOTRUN"
	PreconditionFailed Status = "PRECONDITION_FAILED"
)

var (
	fileStatus    = []Status{OK, Error, Timeout, PreconditionFailed}
	subtestStatus = []Status{Pass, Fail, Timeout, NotRun, PreconditionFailed}
)

// A Result is what became of one variant of a test.
type Result struct {
	File     string    `json:"file"` // the path with the variant
	Status   Status    `json:"status"`
	Message  string    `json:"message,omitempty"`
	Subtests []Subtest `json:"subtests"`

	test *Test
}

// A Subtest is one call of test() and its like.
type Subtest struct {
	Name    string `json:"name"`
	Status  Status `json:"status"`
	Message string `json:"message,omitempty"`
}

// Passed counts the subtests that passed.
func (r *Result) Passed() (n int) {
	for _, s := range r.Subtests {
		if s.Status == Pass {
			n++
		}
	}
	return n
}

// parseAnswer reads what the program answered. Subtests of the same name are told apart
// by a number.
func parseAnswer(r *Result, body []byte) error {
	var answer struct {
		Status  int
		Message string
		Tests   []struct {
			Name    string
			Status  int
			Message string
		}
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return fmt.Errorf("no results in the answer: %w", err)
	}
	if answer.Status < 0 || answer.Status >= len(fileStatus) {
		return fmt.Errorf("status %d of a file", answer.Status)
	}
	r.Status, r.Message = fileStatus[answer.Status], answer.Message
	r.Subtests = make([]Subtest, 0, len(answer.Tests))
	seen := map[string]int{}
	for _, t := range answer.Tests {
		if t.Status < 0 || t.Status >= len(subtestStatus) {
			return fmt.Errorf("status %d of %q", t.Status, t.Name)
		}
		seen[t.Name]++
		name := t.Name
		if n := seen[t.Name]; n > 1 {
			name = fmt.Sprintf("%s (%d)", t.Name, n)
		}
		r.Subtests = append(r.Subtests, Subtest{Name: name, Status: subtestStatus[t.Status], Message: t.Message})
	}
	return nil
}
