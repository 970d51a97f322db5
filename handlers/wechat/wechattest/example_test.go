package wechattest_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"time"

	"zizhi/handlers/wechat"
	"zizhi/handlers/wechat/wechattest"
)

// A bot that hands out nothing but its thanks, as WeChat sees it.
func ExampleSender() {
	door := &wechat.Door{Token: "token", AppID: "wx1", Keys: []string{key}, Mode: wechat.Safe}
	bot := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(http.MaxBytesReader(w, r.Body, 64<<10))
		e, err := door.Open(r.URL.Query(), body, time.Now())
		if err != nil {
			http.Error(w, "", http.StatusForbidden)
			return
		}
		answer, _ := door.Seal(e, wechat.Reply{Text: "谢谢！" + e.Message.Content}, time.Now())
		w.Write(answer)
	}))
	defer bot.Close()

	weChat := &wechattest.Sender{URL: bot.URL, Token: "token", AppID: "wx1", Key: key, Mode: wechat.Safe}
	reply, err := weChat.Send(context.Background(), wechattest.Text("oPerson", "你好"))
	fmt.Println(reply.Text, err)

	weChat.Token = "wrong"
	_, err = weChat.Send(context.Background(), wechattest.Text("oPerson", "你好"))
	fmt.Println(err)
	// Output:
	// 谢谢！你好 <nil>
	// 该公众号提供的服务出现故障，请稍后再试 (3 deliveries; the last: status 403: "\n")
}
