package bot_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"zizhi/bot"
)

const longestText = 2047 // bytes that WeChat takes in a text

var fuzzTime = time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)

// sound checks what no reply may break.
func sound(t *testing.T, r bot.Reply) {
	t.Helper()
	if strings.TrimSpace(r.Text) == "" || len(r.Text) > longestText || !utf8.ValidString(r.Text) {
		t.Fatalf("a reply of %d bytes, valid UTF-8: %v: %q", len(r.Text), utf8.ValidString(r.Text), r.Text)
	}
	for _, key := range r.Rows {
		if expert.Edition.Row(key) == nil {
			t.Fatalf("a row that is not in the table: %q", key)
		}
	}
}

// FuzzText asks anything, twice, and goes on from there in a conversation.
func FuzzText(f *testing.F) {
	for _, seed := range []string{
		"我要做直播需要什么证", "我有文网文，做音乐够不够", "卖口红", "ICP证能做哪些类目", "目录", "1、２和③", "全部", "继续", "转人工",
		"zhibo", "ICPZHENG", "\x00\xff直播", "   ", "😀", "]]><xml>", "第十一个", "１", "1380000000013800000000", "⑳", "\u202e直播\u200b", "ﷺﷺﷺ",
	} {
		f.Add(seed, uint8(0))
		f.Add(seed, uint8(1))
	}
	f.Fuzz(func(t *testing.T, text string, kind uint8) {
		m := bot.Message{Kind: bot.Text, Text: text, At: fuzzTime}
		if kind%4 != 0 {
			m.Kind = []bot.MessageKind{bot.Text, bot.Tap, bot.Scan, bot.Follow}[kind%4]
		}
		first, second := bot.Take(expert, m, nil)
		again, _ := bot.Take(expert, m, nil)
		if diff := cmp.Diff(first, again); diff != "" {
			t.Fatalf("%q is answered in two ways (-first +again):\n%s", text, diff)
		}
		sound(t, first)
		for _, next := range []string{text, "1", "继续"} {
			var r bot.Reply
			m.Kind, m.Text = bot.Text, next
			r, second = bot.Take(expert, m, second)
			sound(t, r)
		}
	})
}

// FuzzSession finds anything in the place of a session.
func FuzzSession(f *testing.F) {
	for _, seed := range []string{
		``, `{}`, `null`, `[]`, `{"at":"2026-11-24T09:00:00Z","choices":["社交/直播","教育"],"rows":["社交/直播"],"parts":["a","b"],"lost":1,"asked":"x"}`,
		`{"at":"2026-11-24T09:00:00Z","choices":["nothing/of this",""],"rows":[""],"parts":[""],"part":-1,"lost":-9223372036854775808}`,
		`{"at":"9999-12-31T23:59:59Z","choices":[`, "\xff\x00",
	} {
		for _, text := range []string{"1", "继续", "直播", "全部", "那个呢"} {
			f.Add([]byte(seed), text)
		}
	}
	f.Fuzz(func(t *testing.T, session []byte, text string) {
		m := bot.Message{Kind: bot.Text, Text: text, At: fuzzTime}
		first, after := bot.Take(expert, m, session)
		again, afterAgain := bot.Take(expert, m, session)
		if diff := cmp.Diff(first, again) + cmp.Diff(after, afterAgain); diff != "" {
			t.Fatalf("%q after %q is answered in two ways:\n%s", text, session, diff)
		}
		sound(t, first)
	})
}

// FuzzStanding finds anything in the place of a reply: further deliveries of a
// message must be answered without a panic, and degraded is said where it cannot be read.
func FuzzStanding(f *testing.F) {
	for _, seed := range []string{``, `{}`, `{"kind":"answer","text":"x"}`, `null`, `[`, "\xff", `{"text":1}`} {
		f.Add([]byte(seed))
	}
	memory, messages, degraded := bot.NewLocal(10), 0, 0
	b := (&bot.Bot{Memory: memory, Events: bot.Events{Degraded: func(string, error) { degraded++ }}}).Teach(expert)
	f.Fuzz(func(t *testing.T, stored []byte) {
		messages, degraded = messages+1, 0
		m := bot.Message{User: "u", ID: fmt.Sprint(messages), Text: "直播", At: fuzzTime}
		if _, err := memory.Commit(context.Background(), bot.ClaimOf(b, m), bot.Outcome{Reply: stored}); err != nil {
			t.Fatal(err)
		}
		r, err := b.Reply(context.Background(), m)
		if err != nil {
			t.Fatal(err)
		}
		if degraded > 0 {
			sound(t, r)
		}
	})
}
