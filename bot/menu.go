package bot

import (
	"bytes"
	_ "embed"
	"fmt"
	"slices"
	"strings"
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
// for a button, or without room, is found in the list of all.
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

// Menu lays out the menu of an edition: every first-level category has a button,
// small ones one together where there are more than buttons, and all are in the
// list behind the last button. Keys hold the categories' names; a key of another
// edition brings that list.
func Menu(e *knowledge.Edition) []Button {
	var menu []Button
	groups := place(e.Firsts())
	for i, group := range groups {
		top := Button{Name: shown(group.Name, topShown)}
		for _, firsts := range bundle(e, group.Categories, room(i, len(groups))) {
			if key := keyOf(firsts); len(key) <= longestKey && len(top.Sub) < room(i, len(groups)) {
				top.Sub = append(top.Sub, Button{Name: bundleName(firsts), Key: key})
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

// keyOf is the key of a button for categories.
func keyOf(firsts []string) string { return keyPrefix + strings.Join(firsts, keyJoin) }

// keyJoin stands between the categories of one key.
const keyJoin = "+"

// bundle shares categories among so many buttons: as long as there are too many,
// those two go together that have the fewest rows.
func bundle(e *knowledge.Edition, categories []string, buttons int) [][]string {
	var all [][]string
	for _, first := range categories {
		all = append(all, []string{first})
	}
	for len(all) > buttons {
		a, b := smallestPair(e, all)
		if b == 0 {
			break
		}
		all[a] = append(all[a], all[b]...)
		all = slices.Delete(all, b, b+1)
	}
	return all
}

// mostBundled is how many categories one button names: two characters of each are shown.
const mostBundled = 3

// smallestPair are the places of the two bundles that have the fewest rows
// together, of those that one button can name; 0, 0 for none.
func smallestPair(e *knowledge.Edition, bundles [][]string) (a, b int) {
	fewest := -1
	for i, one := range bundles {
		for j, other := range bundles[:i] {
			both := slices.Concat(other, one)
			rows := len(e.Under(both...))
			if len(both) <= mostBundled && len(keyOf(both)) <= longestKey && (fewest < 0 || rows < fewest) {
				fewest, a, b = rows, j, i
			}
		}
	}
	return a, b
}

// bundleName is the name of one category, or the beginnings of those of several: 旅游·汽车.
func bundleName(firsts []string) string {
	if len(firsts) == 1 {
		return shown(firsts[0], subShown)
	}
	var names []string
	for _, first := range firsts {
		names = append(names, shown(first, 2))
	}
	return strings.Join(names, "·")
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
