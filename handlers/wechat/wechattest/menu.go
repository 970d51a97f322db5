package wechattest

import (
	"encoding/json"
	"slices"
	"strings"
)

// Limits of the menu, in bytes where lengths are meant (自定义菜单创建接口).
const (
	maxButtons, maxSubButtons = 3, 5
	maxName, maxSubName       = 16, 60
	maxKey                    = 128
	maxURL                    = 1024
)

// types are the kinds of buttons, with whether they need a key or a url.
var types = map[string]string{
	"click": "key", "view": "url", "miniprogram": "url", "scancode_push": "key", "scancode_waitmsg": "key",
	"pic_sysphoto": "key", "pic_photo_or_album": "key", "pic_weixin": "key", "location_select": "key",
	"media_id": "", "article_id": "", "article_view_limited": "", "view_limited": "",
}

type button struct {
	Type string    `json:"type,omitempty"`
	Name string    `json:"name"`
	Key  string    `json:"key,omitempty"`
	URL  string    `json:"url,omitempty"`
	Sub  []*button `json:"sub_button"`
}

// codes are the errcodes of one level of the menu.
type codes struct{ kind, name, key, url, domain int }

var (
	topCodes = codes{kind: 40017, name: 40018, key: 40019, url: 40020, domain: 40055}
	subCodes = codes{kind: 40024, name: 40025, key: 40026, url: 40027, domain: 40054}
)

// Menu returns the menu as it was last created, {"button":[…]}; nil if there is none.
func (a *API) Menu() json.RawMessage {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.menu)
}

func (a *API) createMenu(c Call) any {
	var in struct {
		Button []*button `json:"button"`
	}
	if err := json.Unmarshal(c.Body, &in); err != nil {
		return 47001
	}
	if len(in.Button) == 0 || len(in.Button) > maxButtons {
		return 40016
	}
	for _, b := range in.Button {
		if code := b.check(); code != 0 {
			return code
		}
	}
	a.menu = slices.Clone(c.Body)
	return 0
}

// check looks at a button of the first level and those under it.
func (b *button) check() int {
	if b == nil {
		return 40016
	}
	if len(b.Sub) == 0 {
		return b.checkOne(maxName, topCodes)
	}
	if len(b.Sub) > maxSubButtons {
		return 40023
	}
	if b.Name == "" || len(b.Name) > maxName {
		return topCodes.name
	}
	for _, sub := range b.Sub {
		if sub == nil || len(sub.Sub) > 0 {
			return 40023
		}
		if code := sub.checkOne(maxSubName, subCodes); code != 0 {
			return code
		}
	}
	return 0
}

func (b *button) checkOne(nameLimit int, codes codes) int {
	needs, known := types[b.Type]
	switch {
	case !known:
		return codes.kind
	case b.Name == "" || len(b.Name) > nameLimit:
		return codes.name
	case needs == "key" && b.Key == "" || len(b.Key) > maxKey:
		return codes.key
	case needs == "url" && b.URL == "" || len(b.URL) > maxURL:
		return codes.url
	case needs == "url" && !strings.HasPrefix(b.URL, "http://") && !strings.HasPrefix(b.URL, "https://"):
		return codes.domain
	}
	return 0
}

func (a *API) getMenu(Call) any {
	if a.menu == nil {
		return 46003
	}
	return map[string]json.RawMessage{"menu": a.menu}
}

func (a *API) deleteMenu(Call) any {
	a.menu = nil
	return 0
}

// currentMenu writes sub-buttons one level deeper than menu/get, as WeChat does.
func (a *API) currentMenu(Call) any {
	type shown struct {
		Type string         `json:"type,omitempty"`
		Name string         `json:"name"`
		Key  string         `json:"key,omitempty"`
		URL  string         `json:"url,omitempty"`
		Sub  map[string]any `json:"sub_button,omitempty"`
	}
	var menu struct {
		Button []*button `json:"button"`
	}
	if a.menu == nil || json.Unmarshal(a.menu, &menu) != nil {
		return map[string]int{"is_menu_open": 0}
	}
	var show func(buttons []*button) []shown
	show = func(buttons []*button) (list []shown) {
		for _, b := range buttons {
			s := shown{Type: b.Type, Name: b.Name, Key: b.Key, URL: b.URL}
			if len(b.Sub) > 0 {
				s.Sub = map[string]any{"list": show(b.Sub)}
			}
			list = append(list, s)
		}
		return list
	}
	return map[string]any{"is_menu_open": 1, "selfmenu_info": map[string]any{"button": show(menu.Button)}}
}
