package main

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// mayImport says, for each part of the house, which other parts it may import.
// Arrows run downwards only. Parts not named here may be imported by cmd alone.
var mayImport = map[string][]string{
	"cmd/zizhi":                  {"bot", "bot/eval", "bot/redis", "bot/reload", "config", "handlers", "handlers/wechat", "handlers/wechat/account", "handlers/wechat/wechattest", "knowledge", "knowledge/match", "knowledge/source"},
	"config":                     {},
	"handlers":                   {"bot", "bot/reload", "handlers/wechat", "handlers/wechat/account", "handlers/wechat/wechattest"},
	"handlers/wechat":            {},
	"handlers/wechat/account":    {"handlers/wechat"},
	"handlers/wechat/wechattest": {"handlers/wechat"},
	"bot":                        {"knowledge", "knowledge/match"},
	"bot/eval":                   {"bot", "knowledge/match"},
	"bot/memorytest":             {"bot"},
	"bot/redis":                  {"bot"},
	"bot/redis/redistest":        {},
	"bot/reload":                 {"bot", "knowledge"},
	"knowledge":                  {},
	"knowledge/source":           {"knowledge"},
	"knowledge/match":            {"knowledge", "knowledge/match/linear"},
	"knowledge/match/linear":     {},
	"knowledge/match/simplified": {},
	"knowledge/match/train":      {"knowledge", "knowledge/match", "knowledge/match/linear"},
}

// onlyIn says which part alone may import a library.
var onlyIn = map[string]string{
	"github.com/redis/go-redis/v9":                   "bot/redis",
	"github.com/fsnotify/fsnotify":                   "bot/reload",
	"github.com/mozillazg/go-pinyin":                 "knowledge/match",
	"github.com/prometheus/client_golang/prometheus": "handlers",
	"github.com/alecthomas/kong":                     "cmd/zizhi",
}

func TestArrowsRunDownwards(t *testing.T) {
	out, err := exec.Command("go", "list", "-f", "{{.ImportPath}}:{{join .Imports \" \"}}", "zizhi/...").Output()
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(out)) {
		path, imports, _ := strings.Cut(strings.TrimSpace(line), ":")
		part := strings.TrimPrefix(path, "zizhi/")
		allowed, known := mayImport[part]
		if !known {
			t.Errorf("%s is not in the plan of the house: add it to mayImport with what it may import", part)
		}
		for _, imported := range strings.Fields(imports) {
			if other, ours := strings.CutPrefix(imported, "zizhi/"); ours && known && !slices.Contains(allowed, other) {
				t.Errorf("%s may not import %s", part, other)
			}
			if only := onlyIn[imported]; only != "" && part != only && part != only+"/redistest" && part != "knowledge/match/train" {
				t.Errorf("%s imports %s; only %s may", part, imported, only)
			}
		}
	}
}
