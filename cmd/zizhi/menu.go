package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/rogpeppe/go-internal/diff"
	"github.com/silenceper/wechat/v2/officialaccount/menu"

	"zizhi/bot"
	"zizhi/handlers/wechat/account"
)

type menuCommand struct {
	Show   menuShow   `cmd:"" help:"Draw the menu as it will look, and list its keys."`
	Push   menuPush   `cmd:"" help:"Show how it differs from what is live, ask, and replace that."`
	Pull   menuPull   `cmd:"" help:"Draw what is live."`
	Delete menuDelete `cmd:"" help:"Ask, and take the menu away."`
}

// wantedMenu is the menu of an edition, in the form in which WeChat takes it.
func wantedMenu(f knowledgeFlags) ([]*menu.Button, error) {
	base, err := load(f.Data)
	if err != nil {
		return nil, err
	}
	edition, err := base.Edition(f.id())
	if err != nil {
		return nil, err
	}
	return toButtons(bot.Menu(edition)), nil
}

func toButtons(list []bot.Button) []*menu.Button {
	var buttons []*menu.Button
	for _, b := range list {
		button := new(menu.Button)
		if len(b.Sub) > 0 {
			button.SetSubButton(b.Name, toButtons(b.Sub))
		} else {
			button.SetClickButton(b.Name, b.Key)
		}
		buttons = append(buttons, button)
	}
	return buttons
}

type menuShow struct {
	knowledgeFlags
}

func (c *menuShow) Run(std streams) error {
	wanted, err := wantedMenu(c.knowledgeFlags)
	if err != nil {
		return err
	}
	fmt.Fprintf(std.out, "%s\n%s", drawMenu(wanted), listMenu(wanted))
	return nil
}

// consent is asked for before something is replaced or deleted.
type consent struct {
	Yes bool `help:"Do not ask."`
}

func (c consent) given(std streams, question string) (bool, error) {
	if c.Yes {
		return true, nil
	}
	if !isTerminal(std.in) {
		return false, errors.New("there is no terminal to ask on, so nothing was changed: add --yes if it is meant")
	}
	fmt.Fprintf(std.out, "%s [y/N] ", question)
	answer, _ := bufio.NewReader(std.in).ReadString('\n') // the end of input is a no
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "y", "yes", "是":
		return true, nil
	}
	fmt.Fprintln(std.out, "没有改动。Nothing was changed.")
	return false, nil
}

type menuPush struct {
	accountSettings
	consent
}

func (c *menuPush) Run(std streams) error {
	wanted, err := wantedMenu(knowledgeFlags{Account: c.Edition, Data: c.Data})
	if err != nil {
		return err
	}
	a, done, err := c.open(std)
	if err != nil {
		return err
	}
	defer done()
	if err := a.MenuRight(context.Background()); err != nil {
		return err
	}
	return c.replace(std, a, wanted)
}

// replace puts the wanted menu in the place of the live one, if there is consent.
func (c *menuPush) replace(std streams, a *account.Account, wanted []*menu.Button) error {
	ctx := context.Background()
	live, err := a.Menu(ctx)
	if err != nil {
		return err
	}
	if reflect.DeepEqual(live, wanted) {
		fmt.Fprintln(std.out, "线上的菜单已经是这样，不用推送。It is live already.")
		return nil
	}
	fmt.Fprintf(std.out, "%s\n%s\n", drawMenu(wanted), diff.Diff("线上 live", []byte(listMenu(live)), "新的 new", []byte(listMenu(wanted))))
	if ok, err := c.given(std, "用它替换线上的菜单？Replace the live menu?"); !ok {
		return err
	}
	if err := a.PushMenu(ctx, wanted); err != nil {
		return err
	}
	fmt.Fprintln(std.out, "已推送，五分钟内人人可见。Pushed; people see it within five minutes.")
	return nil
}

type menuPull struct {
	accountSettings
	JSON bool `name:"json" help:"Print the buttons as JSON, in WeChat's form."`
}

func (c *menuPull) Run(std streams) error {
	a, done, err := c.open(std)
	if err != nil {
		return err
	}
	defer done()
	live, err := a.Menu(context.Background())
	switch {
	case err != nil:
		return err
	case c.JSON:
		encoder := json.NewEncoder(std.out)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", " ")
		return encoder.Encode(map[string]any{"button": live})
	case live == nil:
		fmt.Fprintln(std.out, noMenu)
	default:
		fmt.Fprintf(std.out, "%s\n%s", drawMenu(live), listMenu(live))
	}
	return nil
}

const noMenu = "线上没有菜单。There is no menu."

type menuDelete struct {
	accountSettings
	consent
}

func (c *menuDelete) Run(std streams) error {
	a, done, err := c.open(std)
	if err != nil {
		return err
	}
	defer done()
	ctx := context.Background()
	live, err := a.Menu(ctx)
	if err != nil {
		return err
	}
	if live == nil {
		fmt.Fprintln(std.out, noMenu)
		return nil
	}
	fmt.Fprintf(std.out, "%s\n%s\n", drawMenu(live), listMenu(live))
	if ok, err := c.given(std, "删除这个菜单？Delete this menu?"); !ok {
		return err
	}
	if err := a.DeleteMenu(ctx); err != nil {
		return err
	}
	fmt.Fprintln(std.out, "已删除。用户回复“目录”仍能找到每个类目。Deleted.")
	return nil
}
