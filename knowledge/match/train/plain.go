package main

import (
	"strings"

	"zizhi/knowledge"
)

// Plain ways to ask, around which nothing else is said. The written questions
// are all different; these teach what is common to all.
var plainAsks = []string{
	"%", "%要什么证", "%资质", "做%类小程序要什么资质", "%类目需要哪些材料", "我要做%需要什么证", "%小程序要啥牌照", "%的资质要求", "开通%类目要交什么",
	"我们是做%的，要办什么证", "请问%需要提供什么资质文件", "%要哪些证件", "想做个%小程序，要什么手续", "%类的要什么许可", "客户做%的 问要传什么", "%审核要补什么资质",
	"弄个%要啥", "你好 %类目的资质是什么", "%这个类目传哪个证", "%公司要什么资质",
}

// plainQuestions asks plainly for every row, ambiguity and outside topic: each
// saying in some of the ways, so that each way meets many sayings.
func plainQuestions(base *knowledge.Base, edition *knowledge.Edition) []question {
	var all []question
	turn := 0
	add := func(kind string, rows []string, say string, ways int) {
		for range ways {
			turn++
			text := strings.Replace(plainAsks[turn*7%len(plainAsks)], "%", say, 1)
			all = append(all, question{text: text, kind: kind, rows: rows, group: "plain", at: "plain"})
		}
	}
	for _, row := range edition.Rows {
		add("ask", []string{row.Key}, strings.Join(row.Path[1:], "/"), 10)
	}
	open := leftOpen(base, edition)
	for _, w := range base.Wordings {
		counts := w.Strength == knowledge.Sure && (w.Edition == "" && open[w.Say] == nil || w.Edition == edition.ID)
		if rows, ok := counterparts([]string{w.Row}, base, edition); ok && counts {
			add("ask", rows, w.Say, 6)
		}
	}
	for _, a := range base.Ambiguous {
		if rows, ok := counterparts(a.Rows, base, edition); ok {
			for _, say := range a.Say {
				add("open", rows, say, 6)
			}
		}
	}
	for _, t := range base.Outside {
		for _, say := range t.Say {
			if t.Edition == edition.ID {
				add("none", nil, say, 1)
			}
		}
	}
	return all
}

// leftOpen are the sayings that an edition of its own leaves open, with the rows they may mean.
func leftOpen(base *knowledge.Base, edition *knowledge.Edition) map[string][]string {
	open := map[string][]string{}
	for _, a := range base.Ambiguous {
		for _, say := range a.Say {
			if a.Edition == edition.ID {
				open[say] = a.Rows
			}
		}
	}
	return open
}
