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
	note  string          // behind N选1 in its brackets
}

// Parts of the patterns below.
const (
	provideWords  = `[需须]?(?:同时)?(?:提供|提交)`
	togetherWords = `[需须]?同时(?:提供|满足|符合)`
	countWords    = `[\d一二三四五六七八九十①-⑳]+选[1一①]`
	howWords      = `[（(](?:` + countWords + `(?:[，,][^（()）]*)?|` + togetherWords + `)[）)]`
)

var (
	// 银行主体： | 陆运提供： | 平台，同时提供： | 代理商（2选1） | 批发，提供
	labelEnd = regexp.MustCompile(`^\s*(?:：|[，,]?\s*` + provideWords + `\s*(?:：|` + howWords + `)|[，,]\s*` + provideWords + `|` + howWords + `)`)
	// （3选1）： | （⑪选①，可多选）： | 二选一：
	countOpener = regexp.MustCompile(`^(?:[（(](` + countWords + `)(?:[，,]([^（()）]*))?[）)][:：]?|(` + countWords + `)[:：])\s*`)
	// （同时满足）： | 需同时提供
	togetherOpener = regexp.MustCompile(`^[（(]?` + togetherWords + `[）)]?[:：]?\s*`)
	// 提供： | 需提交
	provideOpener = regexp.MustCompile(`^` + provideWords + `[:：]?\s*`)
	// Words that may say in another way how what follows goes together: 任意两项, 其中之一, 3选2.
	otherOpener = regexp.MustCompile(`选|任[意一选]|之一|其一|至少|^[（(]`)
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
	for {
		count := countOpener.FindStringSubmatch(rest)
		length := 0
		switch {
		case count != nil:
			number, _, _ := strings.Cut(count[1]+count[3], "选")
			o.kind, o.count, o.note, length = Any, numeral(number), count[2], len(count[0])
		case togetherOpener.MatchString(rest):
			o.kind, length = All, len(togetherOpener.FindString(rest))
		default:
			length = len(provideOpener.FindString(rest))
		}
		if length == 0 {
			return rest
		}
		rest = strings.TrimLeft(rest[length:], "：: ")
	}
}
