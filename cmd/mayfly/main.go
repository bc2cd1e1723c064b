package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	"github.com/alecthomas/kong"
	"github.com/dlclark/regexp2/v2"

	"github.com/mayfly-edge/mayfly/runtime/host"
)

// Exit codes.
const (
	exitOK      = 0
	exitFailure = 1
	exitUsage   = 2
)

func main() {
	tune()
	if len(os.Args) > 1 && os.Args[1] == host.Command {
		os.Exit(host.Main()) // a process that the server has started to run isolates in
	}
	// Where nothing else can end a match that backtracks for long, it ends without one.
	regexp2.DefaultMatchTimeout = 200 * time.Millisecond
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	m := Main{Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Getenv: os.Getenv}
	os.Exit(m.Run(ctx, os.Args[1:]))
}

// tune sets what holds for the whole process.
func tune() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(400) // isolates are small and many: a third less CPU for some memory
	}
	// Scripts recurse on the Go stack; the default of 1 GB would let one take the machine.
	debug.SetMaxStack(64 << 20)
	time.Local = time.UTC // what scripts see, and what logs are written in
}

// Main is the program. Tests start it in their own process.
type Main struct {
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	// Getenv reads the environment.
	Getenv func(string) string
}

// commands are the subcommands and the flags of all of them.
type commands struct {
	Dev         devCommand         `cmd:"" help:"Run a worker here and reload it when it is saved."`
	Serve       serveCommand       `cmd:"" help:"Run the server that workers are deployed to."`
	Deploy      deployCommand      `cmd:"" help:"Deploy a worker."`
	KV          kvCommand          `cmd:"" name:"kv" help:"Manage KV namespaces and their data."`
	Secret      secretCommand      `cmd:"" help:"Manage the secrets of a worker."`
	Usage       usageCommand       `cmd:"" help:"Show what was used and what it costs."`
	Account     accountCommand     `cmd:"" help:"Manage accounts and their limits."`
	Token       tokenCommand       `cmd:"" help:"Manage API tokens."`
	Tail        tailCommand        `cmd:"" help:"Watch a worker's invocations and console."`
	Logs        logsCommand        `cmd:"" help:"Search the kept logs of a worker."`
	Script      scriptCommand      `cmd:"" help:"Manage deployed workers."`
	Audit       auditCommand       `cmd:"" help:"Show who changed what."`
	Backup      backupCommand      `cmd:"" help:"Back up a running server."`
	Restore     restoreCommand     `cmd:"" help:"Make a server's data directory of backups."`
	Compact     compactCommand     `cmd:"" help:"Make a running server's store smaller."`
	Repair      repairCommand      `cmd:"" help:"Make a damaged store usable again."`
	Login       loginCommand       `cmd:"" help:"Keep an API token for the other commands."`
	Conformance conformanceCommand `cmd:"" help:"Show that this build behaves as expected."`
	Version     versionCommand     `cmd:"" help:"Show the version of this program."`
}

const description = `Mayfly runs JavaScript and TypeScript workers on your own machines.

Begin with a worker on disk:

  mayfly dev examples/hello

or with a server and a deployment:

  mayfly serve
  mayfly deploy examples/hello

Every command explains itself: mayfly COMMAND --help.`

// errUsage marks a mistake on the command line.
var errUsage = errors.New("usage")

// usageError is a mistake on the command line that the parser cannot see.
func usageError(format string, args ...any) error {
	return fmt.Errorf("%w%w", fmt.Errorf(format, args...), hidden{errUsage})
}

// hidden is an error that is found by errors.Is and not seen.
type hidden struct{ error }

func (hidden) Error() string   { return "" }
func (h hidden) Unwrap() error { return h.error }

// errReported is a failure that has been shown already.
var errReported = errors.New("reported")

// Run runs the program with its arguments, without the program's name, until it is
// done or ctx is, and returns the exit code.
func (m *Main) Run(ctx context.Context, args []string) int {
	exited := -1
	var c commands
	parser, err := kong.New(&c,
		kong.Name("mayfly"),
		kong.Description(description),
		kong.Writers(m.Stdout, m.Stderr),
		kong.Exit(func(code int) {
			if exited < 0 {
				exited = code
			}
		}),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}),
		kong.Bind(m),
		kong.BindTo(ctx, (*context.Context)(nil)),
	)
	if err != nil {
		panic(err) // the declarations above are wrong
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	parsed, err := parser.Parse(args)
	if exited >= 0 { // --help was shown
		return exited
	}
	if err != nil {
		fmt.Fprintf(m.Stderr, "mayfly: %v\n", err)
		var wrong *kong.ParseError
		if errors.As(err, &wrong) && wrong.Context != nil && wrong.Context.Command() != "" {
			fmt.Fprintf(m.Stderr, "Try: mayfly %s --help\n", commandPath(wrong.Context))
		} else {
			fmt.Fprintln(m.Stderr, "Try: mayfly --help")
		}
		return exitUsage
	}
	switch err := parsed.Run(); {
	case err == nil:
		return exitOK
	case errors.Is(err, errReported):
		return exitFailure
	case errors.Is(err, errUsage):
		fmt.Fprintf(m.Stderr, "mayfly: %v\nTry: mayfly %s --help\n", err, commandPath(parsed))
		return exitUsage
	case errors.Is(err, context.Canceled) && ctx.Err() != nil:
		return exitFailure
	default:
		fmt.Fprintf(m.Stderr, "mayfly: %s\n", strings.TrimRight(err.Error(), "\n"))
		return exitFailure
	}
}

// commandPath is the names of the subcommands, without arguments.
func commandPath(c *kong.Context) string {
	path := ""
	for _, p := range c.Path {
		if p.Command != nil {
			if path != "" {
				path += " "
			}
			path += p.Command.Name
		}
	}
	return path
}
