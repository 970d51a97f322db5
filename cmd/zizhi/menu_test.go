package main

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"zizhi/handlers/wechat/wechattest"
)

// TestMenuScripts runs testdata/menu, each script with a WeChat of its own,
// which the command `wechat` changes and looks into.
func TestMenuScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/menu",
		RequireExplicitExec: true,
		Cmds:                map[string]func(*testscript.TestScript, bool, []string){"exits": exits, "wechat": changeWeChat},
		Setup: func(env *testscript.Env) error {
			api, err := wechattest.NewAPI(accountID, "secretsecretsecret")
			if err != nil {
				return err
			}
			env.Defer(api.Close)
			env.Values["wechat"] = api
			env.Setenv("ZIZHI_TEST_API", api.URL)
			env.Setenv("WECHAT_APP_ID", accountID)
			env.Setenv("WECHAT_APP_SECRET", "secretsecretsecret")
			return nil
		},
	})
}

// changeWeChat is the script's command:
//
//	wechat unverified           the account has no rights
//	wechat fail /path errcode   every call of the path fails
//	wechat calls /path count    so many calls of the path were made
//	wechat menu text            the live menu has the text in it; ! it has not, or there is none
func changeWeChat(script *testscript.TestScript, negated bool, args []string) {
	api := script.Value("wechat").(*wechattest.API)
	switch {
	case len(args) == 1 && args[0] == "unverified":
		api.Change(func(c *wechattest.Conditions) { c.Unverified = true })
	case len(args) == 3 && args[0] == "fail":
		code, err := strconv.Atoi(args[2])
		script.Check(err)
		api.Fail(args[1], code, -1)
	case len(args) == 3 && args[0] == "calls":
		if n := strconv.Itoa(len(api.Calls(args[1]))); n != args[2] {
			script.Fatalf("%s calls of %s, want %s", n, args[1], args[2])
		}
	case len(args) == 2 && args[0] == "menu":
		if strings.Contains(string(api.Menu()), args[1]) == negated {
			script.Fatalf("the menu is %s", api.Menu())
		}
	default:
		script.Fatalf("wechat knows no %q", args)
	}
}

// TestMenuAsJSON: what is pushed has the fields that WeChat wants, and no empty ones.
func TestMenuAsJSON(t *testing.T) {
	for _, edition := range []string{"2017-04", "2026-02"} {
		wanted, err := wantedMenu(knowledgeFlags{Edition: edition})
		if err != nil {
			t.Fatal(err)
		}
		data, err := json.Marshal(wanted)
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range []string{`"type":"click"`, `"key":"zizhi:社交"`, `"sub_button":[`} {
			if !strings.Contains(string(data), part) {
				t.Errorf("%s: %s is missing in %s", edition, part, data)
			}
		}
		if strings.Contains(string(data), `"url"`) {
			t.Errorf("%s: empty fields in %s", edition, data)
		}
	}
}

func TestColumns(t *testing.T) {
	for text, want := range map[string]int{"": 0, "abc": 3, "社交": 4, "IT科技": 6, "（）": 4, "a é": 3, "≡ 社": 4} {
		if got := columns(text); got != want {
			t.Errorf("columns(%q) = %d, want %d", text, got, want)
		}
	}
	for text, want := range map[string]string{"社交": "社交", "内容社交圈": "内容社交", "IT科技圈子": "IT科技圈", "abcdefghi": "abcdefgh"} {
		if got := cut(text, topColumns); got != want {
			t.Errorf("cut(%q) = %q, want %q", text, got, want)
		}
	}
}
