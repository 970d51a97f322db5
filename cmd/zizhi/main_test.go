package main

import (
	"errors"
	"os"
	"os/exec"
	"strconv"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/silenceper/wechat/v2/util"

	"zizhi/handlers/wechat/wechattest"
)

// TestMain lets scripts and tests run this very binary under the name zizhi.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"zizhi": zizhi})
}

// zizhi is main; where a test runs WeChat's stand-in, ZIZHI_TEST_API leads to it.
func zizhi() {
	if address := os.Getenv("ZIZHI_TEST_API"); address != "" {
		util.SetURIModifier((&wechattest.API{URL: address}).Rewrite)
	}
	main()
}

// TestScripts runs testdata/script: command lines, what they print and how they exit.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		Cmds:                map[string]func(*testscript.TestScript, bool, []string){"exits": exits},
	})
}

// exits runs a command that must end with a status: exits 2 zizhi frobnicate.
func exits(script *testscript.TestScript, negated bool, args []string) {
	if negated || len(args) < 2 {
		script.Fatalf("usage: exits status command [argument …]")
	}
	want, err := strconv.Atoi(args[0])
	script.Check(err)
	got := 0
	if err := script.Exec(args[1], args[2:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			script.Fatalf("%s: %v", args[1], err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		script.Fatalf("%v exited with %d, want %d", args[1:], got, want)
	}
}
