package match

import "strings"

// asking says how a message asks for something.
type asking uint8

const (
	talking  asking = iota // about anything; not a question to this bot
	trading                // tells of a business: 我们是做…的, 想开个…
	naming                 // names papers as everybody does in many matters: 要什么材料, 上传
	applying               // names qualifications, categories or the mini program: 资质, 类目, 审核
)

// applyingSayings show that a message is about what this bot knows. They are
// spotted like other sayings, so typed pinyin and homophones count too.
var applyingSayings = []string{
	"资质", "许可", "许可证", "牌照", "批文", "类目", "小程序", "小程式", "微信小程序", "审核", "过审", "提审", "送审", "什么证", "啥证", "哪些证", "咩证", "哪个证", "许可文件", "合规",
	"注册类目", "选类目", "资质文件", "license",
}

// namingSayings are of other matters as often: 办护照要什么材料, 怎么上传视频.
var namingSayings = []string{
	"证", "资格", "批准", "手续", "材料", "文件", "文书", "证件", "证书", "执照", "备案", "上架", "驳回", "退回来", "打回", "上传", "要传", "传什么", "传啥", "传哪", "交什么", "交啥", "交哪", "提交", "递交",
	"要什么", "要啥", "要咩", "需要什么", "需要啥", "需要哪些", "要哪些", "要哪个", "要些啥", "要些什么", "补什么", "补啥", "补哪", "准备什么", "准备啥", "准备哪", "办什么", "办啥", "办哪", "办证", "什么条件", "乜嘢",
	"够不够", "够用吗", "齐了吗", "还差", "还缺",
}

// soundalikes sound like one of those and are none.
var soundalikes = []string{"叫什么", "叫啥", "叫哪"}

// applyingWords and namingWords are those of them that are too long to stand
// inside another word; they count even where a longer saying has taken their place.
var (
	applyingWords = words("驳回", "打回来", "资质", "许可", "牌照", "批文", "类目", "小程序", "审核", "经营范围", "准入", "门槛")
	namingWords   = words("手续", "执照", "备案", "要什么", "要啥", "需要什么", "需要啥", "需要哪些", "要哪些", "交什么", "传什么",
		"要几份", "要几样", "要几个", "协议", "怎么申请", "要求", "怎么交", "准备什么", "准备啥", "要含", "交几份", "资料")
)

var papers = words("证")

var tradingWords = words("我们是", "我们做", "我们卖", "我司", "本公司", "我公司", "公司做", "公司是", "想做个", "想开个", "想搞个", "想弄个", "开了个", "开了家", "办了个", "做一个", "开一家", "搞一个",
	"打算做", "准备做", "打算开", "准备开", "我要做", "我想做", "我想开", "想搞", "我做", "我卖", "我开", "专门做", "专门卖", "主要做", "主要卖", "做平台", "客户是", "客户做", "客户问", "老板让", "老板要")

// asking reads how a message asks.
func (g *reading) asking() asking {
	how := talking
	for _, s := range g.spots {
		switch e := s.entries[0]; e.kind {
		case saysApplying, saysLicence:
			return applying
		case saysRow:
			if strings.Contains(e.say, "类目") {
				return applying
			}
		case saysNaming:
			how = naming
		case saysFiller:
			if containsWord(papers, g.text.units[s.from:s.to]) { // 要证, which sounds like 药证
				how = naming
			}
		}
	}
	switch {
	case containsWord(applyingWords, g.text.units):
		return applying
	case how == naming || containsWord(namingWords, g.text.units):
		return naming
	case containsWord(tradingWords, g.text.units):
		return trading
	}
	return talking
}

// bare reports whether the message is hardly more than the name of something: 直播, 做直播的, 直播呢.
func (g *reading) bare() bool {
	const besides = 3 // characters
	rest := 0
	for _, u := range g.text.units {
		if u.char != gap {
			rest++
		}
	}
	named := false
	for _, s := range g.spots {
		rest -= s.to - s.from
		named = named || s.entries[0].kind != saysFiller
	}
	return named && (rest == 0 || rest <= besides && g.kinds["none"] < talk)
}

// addresses reports whether a message may be a question to this bot: one that
// asks, one that leans on what was said before, or a bare name. The everyday
// talk of people is full of 直播, 银行 and 小说 and asks for none of it.
func (g *reading) addresses(before Context) bool {
	switch g.asking() {
	case applying:
		return true
	case naming:
		return g.kinds["none"] < chatter
	case trading:
		return g.kinds["none"] < talk
	}
	wavers := containsWord(undecidedWords, g.text.units) && g.kinds["none"] < talk // 可能自己卖，也可能招商，还没定
	if g.kinds["none"]+g.chat < plainly && g.score(0) >= sureRow {
		return true
	}
	if g.states() && g.kinds["none"] < talk && g.score(0) >= sureRow {
		return true
	}
	leans := len(before.Rows) > 0 && len(g.text.units) <= longestFollowUp && g.kinds["none"] < surelyNone
	return g.bare() || leans || wavers
}

// states reports whether a message tells what somebody does and asks for nothing: 鸡金公司，不是养鸡.
// Nobody searches in whole sentences of pinyin; who types so writes to somebody.
func (g *reading) states() bool {
	return g.text.typed() || containsWord(statingWords, g.text.units) && !containsWord(questionWords, g.text.units)
}

var (
	statingWords  = words("我们", "俺们", "咱们", "我公司", "公司", "本店", "卖", "做", "开", "办", "搞", "给人", "帮人", "替人", "中介", "代理", "门店", "店里", "店面", "场地", "生意", "客户", "机构", "工作室", "团队", "主做", "不是", "不做", "不卖")
	questionWords = words("怎么", "怎样", "什么", "啥", "吗", "哪", "那里", "那个", "多少", "为何", "如何", "谁", "呢", "是不是", "有没有", "好不好", "能不能", "求", "推荐", "想看", "想听", "想买", "下载", "打一", "最好")
)

// longestFollowUp is how long a message may be that leans on the one before without asking, in units.
const longestFollowUp = 24
