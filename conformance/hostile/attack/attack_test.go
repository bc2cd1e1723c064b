package attack

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dlclark/regexp2/v2"
)

// attackVariable names the vector that a process of this test binary is to run.
const attackVariable = "MAYFLY_HOSTILE_VECTOR"

// patience is how long a process may take before it counts as hanging. It is far more
// than any limit: how slow the machine is must not matter.
const (
	patience      = 15 * time.Second
	hangsPatience = 4 * time.Second // for what is known to hang
)

func TestMain(m *testing.M) {
	name := os.Getenv(attackVariable)
	if name == "" {
		os.Exit(m.Run())
	}
	debug.SetMaxStack(64 << 20)
	regexp2.DefaultMatchTimeout = 200 * time.Millisecond // as the command does
	limitAddressSpace(4 << 30)
	for _, v := range All() {
		if v.Family+"/"+v.Name == name {
			if err := json.NewEncoder(os.Stdout).Encode(Run(&v)); err != nil {
				os.Exit(1)
			}
			os.Exit(0)
		}
	}
	os.Exit(1)
}

// A test process for each vector, as many at a time as there are cores.
func TestVectors(t *testing.T) {
	all := All()
	rows := make([]Row, len(all))
	places := make(chan struct{}, runtime.GOMAXPROCS(0))
	var wait sync.WaitGroup
	for i := range all {
		rows[i].Vector = &all[i]
		if all[i].Heavy && testing.Short() {
			continue
		}
		wait.Add(1)
		go func() {
			defer wait.Done()
			places <- struct{}{}
			defer func() { <-places }()
			rows[i] = run(&all[i])
		}()
	}
	wait.Wait()
	var ran []Row
	for _, r := range rows {
		t.Run(r.Vector.Family+"/"+r.Vector.Name, func(t *testing.T) {
			if r.Ending == "" && r.Detail == "" {
				t.Skip("takes seconds or gigabytes: not with -short")
			}
			ran = append(ran, r)
			if !r.Right() {
				t.Errorf("ended as %q, want %v; innocent worker: %q; %s", r.Ending, r.Vector.Want, r.Innocent, r.Detail)
			}
		})
	}
	var table bytes.Buffer
	if err := Print(&table, ran); err != nil {
		t.Error(err)
	}
	t.Logf("\n%s", table.String())
}

func run(v *Vector) Row {
	limit := patience
	if v.Uncontained() {
		limit = hangsPatience
	}
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, os.Args[0])
	cmd.Env = append(os.Environ(), attackVariable+"="+v.Family+"/"+v.Name, "GOTRACEBACK=single")
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	start := time.Now()
	err := cmd.Run()
	row := Row{Vector: v, Took: time.Since(start), Peak: peak(cmd.ProcessState)}
	switch {
	case ctx.Err() != nil:
		row.Result = Result{Ending: Hangs, Detail: "killed"}
	case err != nil:
		first, _, _ := strings.Cut(stderr.String(), "\n")
		row.Result = Result{Ending: Dies, Detail: err.Error() + ": " + first}
	default:
		if err := json.Unmarshal(stdout.Bytes(), &row.Result); err != nil {
			row.Detail = err.Error()
		}
	}
	return row
}

func TestNamesAreUnique(t *testing.T) {
	seen := map[string]bool{}
	for _, v := range All() {
		name := v.Family + "/" + v.Name
		if seen[name] {
			t.Errorf("two vectors are called %s", name)
		}
		seen[name] = true
		if len(v.Want) == 0 {
			t.Errorf("%s may not end at all", name)
		}
	}
	if len(seen) < 120 {
		t.Errorf("%d vectors", len(seen))
	}
}
