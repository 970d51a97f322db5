package match

// asking says how a message asks for something.
type asking uint8

const (
	talking  asking = iota // about anything; not a question to this bot
	trading                // tells of a business: 我们是做…的, 想开个…
	applying               // names papers, categories or the mini program: 要什么证, 审核, 类目
)

// applyingSayings show that a message is about papers or the mini program. They
// are spotted like other sayings, so typed pinyin and homophones count too.
var applyingSayings = []string{
	"证", "资质", "资格", "许可", "许可证", "牌照", "批文", "批准", "手续", "材料", "文件", "文书", "证件", "证书", "执照", "类目", "小程序", "小程式", "微信小程序",
	"审核", "过审", "提审", "送审", "备案", "上架", "驳回", "退回来", "打回", "上传", "要传", "传什么", "传啥", "传哪", "交什么", "交啥", "交哪", "提交", "递交", "要什么", "要啥", "要咩", "需要什么", "需要啥", "需要哪些",
	"要哪些", "要哪个", "要些啥", "要些什么", "补什么", "补啥", "补哪", "准备什么", "准备啥", "准备哪", "什么证", "啥证", "哪些证", "咩证", "办什么", "办啥", "办哪", "办证", "许可文件", "合规", "什么条件", "注册类目", "选类目", "资质文件", "乜嘢",
	"够不够", "够用吗", "齐了吗", "还差", "还缺", "license",
}

// applyingWords are those of them that are too long to stand inside another
// word; they count even where a longer saying has taken their place.
var applyingWords = words("资质", "许可", "牌照", "批文", "手续", "执照", "类目", "小程序", "审核", "备案", "要什么", "要啥", "需要什么", "需要啥", "需要哪些", "要哪些", "交什么", "传什么",
	"经营范围", "要几份", "要几样", "要几个", "协议", "怎么申请", "要求", "门槛", "准入", "怎么交", "准备什么", "准备啥", "要含", "交几份", "资料")

var papers = words("证")

var tradingWords = words("我们是", "我们做", "我们卖", "我司", "本公司", "我公司", "公司做", "公司是", "想做个", "想开个", "想搞个", "想弄个", "开了个", "开了家", "办了个", "做一个", "开一家", "搞一个",
	"打算做", "准备做", "打算开", "准备开", "我要做", "我想做", "我想开", "想搞", "我做", "我卖", "我开", "专门做", "专门卖", "主要做", "主要卖", "做平台", "客户是", "客户做", "客户问", "老板让", "老板要")

// asking reads how a message asks.
func (g *reading) asking() asking {
	for _, s := range g.spots {
		switch s.entries[0].kind {
		case saysApplying, saysLicence:
			return applying
		case saysFiller:
			if containsWord(papers, g.text.units[s.from:s.to]) { // 要证, which sounds like 药证
				return applying
			}
		}
	}
	if containsWord(applyingWords, g.text.units) {
		return applying
	}
	if containsWord(tradingWords, g.text.units) {
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
	case trading:
		return g.kinds["none"] < talk
	}
	leans := len(before.Rows) > 0 && len(g.text.units) <= longestFollowUp && !g.is("none")
	return g.bare() || leans
}

// talk is the share of being about something else from which a message that
// does not ask for papers is taken for mere talk.
const talk = 0.2

// longestFollowUp is how long a message may be that leans on the one before without asking, in units.
const longestFollowUp = 24
