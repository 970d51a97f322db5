package bot

import (
	"bytes"
	_ "embed"
	"fmt"
	"slices"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"zizhi/knowledge"
)

// Button is a button of the account's custom menu: at the top one that opens
// Sub, below one whose tap sends Key.
type Button struct {
	Name string
	Key  string
	Sub  []Button
}

// What WeChat takes and shows (自定义菜单创建接口). A category with a key too long
// for a button is found in the list of all.
const (
	topButtons, subButtons = 3, 5
	topShown, subShown     = 4, 8 // characters
	longestKey             = 128  // bytes
)

// directoryKey brings the list of all categories, as any key that the edition does not know.
const directoryKey = keyPrefix + "目录"

//go:embed menu.yaml
var menuFile []byte

var menuGroups = loadMenuGroups(menuFile)

// menuGroup is a top button with the categories below it, the most wanted first.
type menuGroup struct {
	Name       string   `yaml:"name"`
	Categories []string `yaml:"categories"`
}

func loadMenuGroups(data []byte) []menuGroup {
	var groups []menuGroup
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	decoder.KnownFields(true)
	if err := decoder.Decode(&groups); err != nil {
		panic(fmt.Sprintf("menu.yaml: %v", err)) // it is built in, and a test loads it
	}
	return groups
}

// Menu lays out the menu of an edition: every first-level category has a button
// where there is room, and all are in the list behind the last button. Keys
// hold the category's name; a key of another edition brings that list.
func Menu(e *knowledge.Edition) []Button {
	var menu []Button
	groups := place(e.Firsts())
	for i, group := range groups {
		top := Button{Name: shown(group.Name, topShown)}
		for _, first := range group.Categories {
			if key := keyPrefix + first; len(key) <= longestKey && len(top.Sub) < room(i, len(groups)) {
				top.Sub = append(top.Sub, Button{Name: shown(first, subShown), Key: key})
			}
		}
		if i == len(groups)-1 {
			top.Sub = append(top.Sub, Button{Name: say("menu_all"), Key: directoryKey})
		}
		if len(top.Sub) > 0 {
			menu = append(menu, top)
		}
	}
	return menu
}

// room is how many categories fit below a top button; below the last stands the list of all too.
func room(group, groups int) int {
	if group == groups-1 {
		return subButtons - 1
	}
	return subButtons
}

// place puts each category into its group, in the order of the file, and those
// that the file does not name where the most room is left.
func place(firsts []string) []menuGroup {
	var groups []menuGroup
	placed := map[string]bool{}
	for _, group := range menuGroups {
		here := menuGroup{Name: group.Name}
		for _, first := range group.Categories {
			if slices.Contains(firsts, first) {
				here.Categories = append(here.Categories, first)
				placed[first] = true
			}
		}
		groups = append(groups, here)
	}
	for _, first := range firsts {
		if !placed[first] {
			i := roomiest(groups)
			groups[i].Categories = append(groups[i].Categories, first)
		}
	}
	return groups
}

func roomiest(groups []menuGroup) int {
	best := 0
	left := func(i int) int { return room(i, len(groups)) - len(groups[i].Categories) }
	for i := range groups {
		if left(i) > left(best) {
			best = i
		}
	}
	return best
}

// shown cuts a name to the characters that WeChat shows.
func shown(name string, most int) string {
	if utf8.RuneCountInString(name) <= most {
		return name
	}
	return string([]rune(name)[:most])
}
