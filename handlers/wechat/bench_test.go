package wechat_test

import (
	"encoding/xml"
	"testing"

	"github.com/silenceper/wechat/v2/officialaccount/message"
	"github.com/silenceper/wechat/v2/util"

	"zizhi/handlers/wechat"
)

var answer = wechat.Reply{Text: "【社交/直播】需要下面 2 份资质，全部都要：\n1. 《信息网络传播视听节目许可证》\n2. 《网络文化经营许可证》\n出处：官方类目表 2017-04"}

func BenchmarkOpen(b *testing.B) {
	for _, mode := range []wechat.Mode{wechat.Plain, wechat.Safe} {
		b.Run(mode.String(), func(b *testing.B) {
			d := door(mode)
			q, body := query(stamp, nonce, ""), plain("我要做直播需要什么证")
			if mode == wechat.Safe {
				sealed := encrypt(b, body, appID, key)
				q, body = query(stamp, nonce, sealed), wrap(sealed)
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := d.Open(q, body, now); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkSeal(b *testing.B) {
	for _, mode := range []wechat.Mode{wechat.Plain, wechat.Safe} {
		b.Run(mode.String(), func(b *testing.B) {
			e, err := door(wechat.Plain).Open(query(stamp, nonce, ""), plain("hi"), now)
			if err != nil {
				b.Fatal(err)
			}
			d := door(mode)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := d.Seal(e, answer, now); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkSDK is the same work the way the SDK's own server does it, to compare with.
func BenchmarkSDK(b *testing.B) {
	text := plain("我要做直播需要什么证")
	sealed := encrypt(b, text, appID, key)
	wrapped := wrap(sealed)
	b.Run("open/plain", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			m := new(message.MixMessage)
			if util.Signature(token, stamp, nonce); xml.Unmarshal(text, m) != nil {
				b.Fatal("unreadable")
			}
		}
	})
	b.Run("open/safe", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			outer, m := new(message.EncryptedXMLMsg), new(message.MixMessage)
			util.Signature(token, stamp, nonce)
			if err := xml.Unmarshal(wrapped, outer); err != nil {
				b.Fatal(err)
			}
			util.Signature(token, stamp, nonce, outer.EncryptedMsg)
			_, body, err := util.DecryptMsg(appID, outer.EncryptedMsg, key)
			if err != nil || xml.Unmarshal(body, m) != nil {
				b.Fatal("unreadable")
			}
		}
	})
	b.Run("seal/plain", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := xml.Marshal(message.NewText(answer.Text)); err != nil {
				b.Fatal(err)
			}
		}
	})
}
