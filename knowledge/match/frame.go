package match

import (
	"strings"
	"unicode/utf8"
)

// Labels of the forms in which customer service passes questions on. What
// stands behind a dropped label is about the person, not about the question.
var droppedLabels = []string{
	"用户昵称", "昵称", "用户名", "姓名", "称呼", "联系人", "公司名称", "公司", "企业名称", "企业", "主体", "商户名称", "商户", "店铺",
	"电话", "手机", "手机号", "联系方式", "微信号", "邮箱", "来源", "渠道", "时间", "日期", "工单号", "工单编号", "工单", "单号", "编号", "客户编号", "地区", "城市", "appid", "uid", "id",
	"发件人", "收件人", "抄送", "优先级", "状态", "处理人", "坐席", "接待",
}

// unframe removes the fields of a forward that are not the question:
// 【客服转】用户昵称：晓晓妈妈 问题：… becomes 问题：….
func unframe(s string) string {
	if !strings.ContainsAny(s, "：:【[") {
		return s
	}
	var kept strings.Builder
	for s != "" {
		field, rest := cutField(s)
		if !dropped(field) {
			kept.WriteString(field)
			kept.WriteByte(' ')
		}
		s = rest
	}
	return kept.String()
}

// cutField cuts a message at the places where forms put their next field.
func cutField(s string) (field, rest string) {
	if i := strings.IndexAny(s, "｜|\n\t ;；】]"); i >= 0 {
		_, size := utf8.DecodeRuneInString(s[i:])
		return s[:i+size], s[i+size:]
	}
	return s, ""
}

func dropped(field string) bool {
	field = strings.TrimSpace(field)
	if bracketed(field) {
		return true
	}
	label, _, ok := strings.Cut(strings.Replace(field, "：", ":", 1), ":")
	if !ok {
		label, _, ok = strings.Cut(field, "#")
	}
	if !ok {
		return false
	}
	label = strings.ToLower(strings.TrimSpace(label))
	for _, name := range droppedLabels {
		if label == name {
			return true
		}
	}
	return false
}

// bracketed reports whether a field is a mark such as 【客服转】, [图片] or [捂脸].
func bracketed(field string) bool {
	const longestMark = 8
	inner, ok := strings.CutPrefix(field, "【")
	if ok {
		inner, ok = strings.CutSuffix(inner, "】")
	} else if inner, ok = strings.CutPrefix(field, "["); ok {
		inner, ok = strings.CutSuffix(inner, "]")
	}
	return ok && utf8.RuneCountInString(inner) <= longestMark
}
