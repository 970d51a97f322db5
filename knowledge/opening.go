package knowledge

import (
	"regexp"
	"strings"
)

// opening is what stands before the documents of a line.
type opening struct {
	label string          // whom it is for or what its papers are called: 银行主体
	kind  RequirementKind // how the lines below go together; Nothing where that is not said
	count int             // N of N选1; 0 where it is not said
}

// Parts of the patterns below.
const (
	provideWords  = `[需须]?(?:同时)?(?:提供|提交)`
	togetherWords = `[需须]?同时(?:提供|满足|符合)`
	countWords    = `[\d一二三四五六七八九十①-⑳]+选[1一①]`
	howWords      = `[（(](?:` + countWords + `|` + togetherWords + `)[）)]`
)

var (
	// 银行主体： | 陆运提供： | 平台，同时提供： | 代理商（2选1） | 批发，提供
	labelEnd = regexp.MustCompile(`^\s*(?:：|[，,]?\s*` + provideWords + `\s*(?:：|` + howWords + `)|[，,]\s*` + provideWords + `|` + howWords + `)`)
	// What may stand in an opening beside the label; the order matters: 同时提供 before 提供.
	openers = []*regexp.Regexp{
		regexp.MustCompile(`^[（(]?(` + countWords + `)[）)]?[:：]?\s*`),
		regexp.MustCompile(`^[（(]?` + togetherWords + `[）)]?[:：]?\s*`),
		regexp.MustCompile(`^` + provideWords + `[:：]?\s*`),
	}
)

// cutOpening cuts the opening from a line. Before a list, a label may hold a
// title: 《…》申请时，所需资质文件如下：; before documents it ends at the first 《.
func cutOpening(line string, listBelow bool) (opening, string) {
	var head opening
	rest := head.cut(strings.TrimSpace(line))
	for at := 0; at < len(rest); at += span(rest[at:]) {
		if strings.HasPrefix(rest[at:], "《") && !listBelow {
			break
		}
		if at > 0 && labelEnd.MatchString(rest[at:]) {
			head.label = strings.TrimSpace(rest[:at])
			return head, head.cut(strings.TrimLeft(rest[at:], "，,：: "))
		}
	}
	return head, rest
}

// cut reads 3选1, 同时提供 and 提供 as often as they stand there.
func (o *opening) cut(rest string) string {
	for again := true; again; {
		again = false
		for i, opener := range openers {
			at := opener.FindStringSubmatch(rest)
			if at == nil {
				continue
			}
			switch i {
			case 0:
				count, _, _ := strings.Cut(at[1], "选")
				o.kind, o.count = Any, numeral(count)
			case 1:
				o.kind = All
			}
			rest, again = strings.TrimLeft(rest[len(at[0]):], "：: "), true
		}
	}
	return rest
}
