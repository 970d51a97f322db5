// Command zizhi (资质助手) answers which qualification documents a WeChat mini
// program of a category needs: in WeChat, on a page, on the command line.
//
// Its one rule: commands only wire. What they wire is in the other folders, and
// this is the only package that knows them all.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/alecthomas/kong"
)

// commands is the command line, a file each.
type commands struct {
	Serve  serveCommand  `cmd:"" help:"Run the service: webhook, staff API, pages, health, metrics."`
	Ask    askCommand    `cmd:"" help:"Ask one question; without one, a conversation, or a question a line from a pipe."`
	Eval   evalCommand   `cmd:"" help:"Report accuracy over labelled questions."`
	Table  tableCommand  `cmd:"" help:"Check, show, compare and import the table."`
	Menu   menuCommand   `cmd:"" help:"The account's custom menu, laid out from the table."`
	Doctor doctorCommand `cmd:"" help:"Look at the set-up and say what to do about each fault."`

	Health healthCommand `cmd:"" hidden:"" help:"Ask the service on this machine whether it lives (for containers)."`
}

// streams are the standard streams, as values so that tests can give others.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

func main() {
	os.Exit(run(os.Args[1:], streams{os.Stdin, os.Stdout, os.Stderr}))
}

// run executes a command line and returns the exit status: 0 well, 1 failed, 2 called wrongly.
func run(args []string, std streams) int {
	parser, err := kong.New(&commands{}, kong.Name("zizhi"), kong.Writers(std.out, std.err), kong.UsageOnError(),
		kong.Description("资质助手: which qualification documents a WeChat mini program needs."), kong.Bind(std))
	if err != nil {
		panic(err) // the commands' tags are wrong
	}
	call, err := parser.Parse(args)
	if err != nil {
		fmt.Fprintf(std.err, "zizhi: %v\nzizhi --help lists the commands.\n", err)
		return 2
	}
	if err := call.Run(); err != nil {
		if !errors.Is(err, errReported) {
			fmt.Fprintf(std.err, "zizhi: %v\n", err)
		}
		return 1
	}
	return 0
}

// errReported ends a command that has said already what is wrong.
var errReported = errors.New("reported")
