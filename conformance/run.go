package conformance

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"

	"github.com/mayfly-edge/mayfly/conformance/remote"
	"github.com/mayfly-edge/mayfly/conformance/wpt"
)

// ErrFailed says that something did not behave as expected.
var ErrFailed = errors.New("not as expected")

// RunCases runs Mayfly's own cases on a server in this process and writes what fails,
// and a last line with the counts. The error wraps ErrFailed if any case failed.
func RunCases(ctx context.Context, out io.Writer) error {
	cases, err := Cases()
	if err != nil {
		return err
	}
	site, err := StartSite()
	if err != nil {
		return err
	}
	failed, known := 0, 0
	for _, c := range cases {
		if c.Known != "" {
			known++
		}
		if err := site.Run(ctx, c); err != nil {
			failed++
			fmt.Fprintln(out, err)
		}
		if ctx.Err() != nil {
			break
		}
	}
	if err := errors.Join(ctx.Err(), site.Close()); err != nil {
		return err
	}
	fmt.Fprintf(out, "%d cases: %d as expected, %d not; %d are known to fail\n", len(cases), len(cases)-failed, failed, known)
	if failed > 0 {
		return fmt.Errorf("%w: %d cases", ErrFailed, failed)
	}
	return nil
}

// WPT says how to run web-platform-tests.
type WPT struct {
	Dir  string   // the checkout
	Only []string // folders or files of it; none means those a worker can be measured by
	JSON string   // the file to write all results to; "" writes none

	// Against is the REST API of a server to run the tests on instead of isolates of
	// this process, such as http://127.0.0.1:8788/client/v4, and Token opens it. Workers
	// is where its workers answer, and Host the host of the worker called wpt there.
	// Expectations are Mayfly's own, so those of other servers are not compared.
	Against, Token, Workers, Host string

	// Expectations is the directory of known failures; "" means those that were built
	// in. Update rewrites it to what the run shows.
	Expectations string
	Update       bool

	Out      io.Writer
	Progress io.Writer // told of each file; nil for none
}

// RunWPT runs web-platform-tests, writes the table of what passed by directory and
// whatever was not expected. The error wraps ErrFailed if anything was not.
func RunWPT(ctx context.Context, o WPT) error {
	if o.Update && o.Expectations == "" {
		return errors.New("an update needs the directory of expectations that it rewrites")
	}
	known, err := o.known()
	if err != nil {
		return err
	}
	options := wpt.Options{Checkout: os.DirFS(o.Dir), Only: o.Only}
	if o.Against == "" {
		isolates := wpt.NewIsolates()
		defer isolates.Close()
		options.Target, options.Parallel = isolates, runtime.GOMAXPROCS(0)
	} else {
		options.Target = &wpt.Uploads{Server: remote.Server{API: o.Against, Token: o.Token}, Workers: o.Workers, Host: o.Host}
	}
	if o.Progress != nil {
		options.Progress = func(r *wpt.Result) {
			fmt.Fprintf(o.Progress, "%s: %s, %d of %d\n", r.File, r.Status, r.Passed(), len(r.Subtests))
		}
	}
	report, err := wpt.Run(ctx, options)
	if err != nil {
		return err
	}
	report.Print(o.Out)
	if o.JSON != "" {
		if err := writeJSON(o.JSON, report); err != nil {
			return err
		}
	}
	if o.Update {
		known.Update(report)
		return known.Write(o.Expectations)
	}
	if o.Against != "" {
		return nil
	}
	surprises := known.Check(report)
	for _, s := range surprises {
		fmt.Fprintln(o.Out, strings.ToValidUTF8(s.String(), "?"))
	}
	if len(surprises) > 0 {
		return fmt.Errorf("%w: %d results of web-platform-tests", ErrFailed, len(surprises))
	}
	return nil
}

func (o *WPT) known() (wpt.Expectations, error) {
	if o.Expectations == "" {
		return Expectations()
	}
	return wpt.ReadExpectations(os.DirFS(o.Expectations))
}

func writeJSON(file string, r *wpt.Report) error {
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	return errors.Join(r.WriteJSON(f), f.Close())
}
