package config_test

import (
	"maps"
	"os"
	"reflect"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"

	"zizhi/config"
)

// defaults are the settings of the struct, by variable.
func defaults() map[string]string {
	all := map[string]string{}
	for _, field := range reflect.VisibleFields(reflect.TypeFor[config.Settings]()) {
		all[field.Tag.Get("env")] = field.Tag.Get("default")
	}
	return all
}

// TestReadmesListEverySetting: the tables of settings in both READMEs are the
// struct's variables, each once, with their defaults, and no others.
func TestReadmesListEverySetting(t *testing.T) {
	row := regexp.MustCompile("(?m)^\\| `((?:ZIZHI|WECHAT|REDIS)_[A-Z_]+)` \\| (?:`([^`]*)`|–) \\| .+ \\|$")
	for _, name := range []string{"README.md", "README.zh-CN.md"} {
		listed := map[string]string{}
		for _, match := range row.FindAllStringSubmatch(read(t, name), -1) {
			if _, twice := listed[match[1]]; twice {
				t.Errorf("%s: %s stands in the table twice", name, match[1])
			}
			listed[match[1]] = match[2]
		}
		if diff := cmp.Diff(defaults(), listed); diff != "" {
			t.Errorf("%s: the table of settings differs from config.Settings (-):\n%s", name, diff)
		}
	}
}

// TestEnvExampleListsEverySetting: .env.example has each variable, switched off.
func TestEnvExampleListsEverySetting(t *testing.T) {
	listed := map[string]bool{}
	for _, match := range regexp.MustCompile(`(?m)^#([A-Z_]+)=`).FindAllStringSubmatch(read(t, ".env.example"), -1) {
		listed[match[1]] = true
	}
	want := map[string]bool{}
	for variable := range maps.Keys(defaults()) {
		want[variable] = true
	}
	if diff := cmp.Diff(want, listed); diff != "" {
		t.Errorf(".env.example differs from config.Settings (-):\n%s", diff)
	}
}

// read reads a file at the top of the tree.
func read(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile("../" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
