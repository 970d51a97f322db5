// Package config is every setting of the service: its name, default, help and check.
//
// Its one rule: nothing starts half-configured. All wrong settings are named at
// once, each with what to write instead.
package config

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"regexp"
	"strings"
	"time"
)

// Settings are read by kong from flags or the environment; the tags are the
// documentation that `zizhi serve --help` prints.
type Settings struct {
	Listen string `env:"ZIZHI_LISTEN" default:"127.0.0.1:8080" placeholder:"HOST:PORT" help:"Address to serve on."`

	Token          string        `env:"WECHAT_TOKEN" placeholder:"TEXT" help:"Token from WeChat's console (服务器配置). Without it /wechat answers 503; the page still works."`
	AppID          string        `env:"WECHAT_APP_ID" placeholder:"wx…" help:"AppID of the official account."`
	AppSecret      string        `env:"WECHAT_APP_SECRET" placeholder:"TEXT" help:"AppSecret, needed for menus and customer-service messages only."`
	AESKey         string        `name:"aes-key" env:"WECHAT_AES_KEY" placeholder:"43 CHARS" help:"EncodingAESKey from WeChat's console."`
	AESKeyPrevious string        `name:"aes-key-previous" env:"WECHAT_AES_KEY_PREVIOUS" placeholder:"43 CHARS" help:"The key before, while it is being changed."`
	Mode           string        `env:"WECHAT_MODE" placeholder:"plain|compat|safe" help:"How messages are encrypted, as chosen in WeChat's console. Default: safe if there is an AES key, else plain."`
	Window         time.Duration `env:"WECHAT_WINDOW" default:"5m" help:"How old a message may be."`
	HumanAgents    bool          `env:"WECHAT_HUMAN_AGENTS" help:"The account has human agents: 转人工 hands over to them."`
	Messages       bool          `name:"customer-messages" env:"WECHAT_CUSTOMER_MESSAGES" help:"The account may send customer-service messages (客服消息): further parts of long answers follow by themselves. Needs WECHAT_APP_SECRET."`
	Contact        string        `env:"ZIZHI_CONTACT" placeholder:"TEXT" help:"What 转人工 shows where there are no human agents, e.g. a telephone number."`

	Redis       string `name:"redis" env:"REDIS_URL" placeholder:"URL" help:"redis://, rediss://, several addresses for a Cluster, redis-sentinel://. Without it conversations live in this process and end with it."`
	StaffToken  string `env:"ZIZHI_STAFF_TOKEN" placeholder:"TEXT" help:"Opens the staff API and pages to other machines: Authorization: Bearer TEXT. Without it they answer this machine only."`
	Rate        int    `env:"ZIZHI_RATE" default:"30" placeholder:"NUMBER" help:"Messages a minute that one person is answered; beyond, they are asked to slow down. 0: no limit. Each instance counts for itself."`
	Connections int    `env:"ZIZHI_CONNECTIONS" default:"1000" placeholder:"NUMBER" help:"Connections open at once. For one more, the one is closed that has gone the longest without a request."`
	Edition     string `env:"ZIZHI_EDITION" default:"2017-04" placeholder:"ID" help:"The edition of the table that answers."`
	Data        string `env:"ZIZHI_DATA" placeholder:"FOLDER" help:"Folder with further tables and wordings, on top of what is built in."`
	LogText     bool   `env:"ZIZHI_LOG_TEXT" help:"Log what people write. For debugging only: it is private."`
}

var aesKey = regexp.MustCompile(`^[A-Za-z0-9]{43}$`)
var appID = regexp.MustCompile(`^wx[0-9a-f]{16}$`)
var token = regexp.MustCompile(`^[A-Za-z0-9]{3,32}$`)

// Check names everything that is wrong. It looks at no network.
func (s *Settings) Check() error {
	var faults []error
	wrong := func(bad bool, variable, format string, args ...any) {
		if bad {
			faults = append(faults, fmt.Errorf(variable+": "+format, args...))
		}
	}
	_, _, err := net.SplitHostPort(s.Listen)
	wrong(err != nil, "ZIZHI_LISTEN", "%q: write HOST:PORT, for example 127.0.0.1:8080, or :8080 for every address", s.Listen)
	wrong(s.Token != "" && !token.MatchString(s.Token), "WECHAT_TOKEN", "must be 3 to 32 letters and digits, as WeChat's console demands")
	wrong(s.AppID != "" && !appID.MatchString(s.AppID), "WECHAT_APP_ID", "%q: an AppID is wx and 16 characters 0-9a-f", s.AppID)
	wrong(s.AppSecret != "" && s.AppID == "", "WECHAT_APP_ID", "is missing beside WECHAT_APP_SECRET")
	wrong(s.Messages && s.AppSecret == "", "WECHAT_APP_SECRET", "is missing beside WECHAT_CUSTOMER_MESSAGES")
	s.checkMode(wrong)
	wrong(s.Window < time.Minute || s.Window > time.Hour, "WECHAT_WINDOW", "%v: write a duration from 1m to 1h", s.Window)
	s.checkRedis(wrong)
	wrong(s.Rate < 0, "ZIZHI_RATE", "%d: write how many messages a minute one person is answered, or 0 for no limit", s.Rate)
	wrong(s.Connections < 16, "ZIZHI_CONNECTIONS", "%d: write how many connections may be open at once, 16 or more", s.Connections)
	wrong(s.StaffToken != "" && len(s.StaffToken) < 16, "ZIZHI_STAFF_TOKEN", "is too short to be a secret: write 16 or more random characters")
	if s.Data != "" {
		info, err := os.Stat(s.Data)
		wrong(err != nil || !info.IsDir(), "ZIZHI_DATA", "%q is not a folder that can be read", s.Data)
	}
	return errors.Join(faults...)
}

func (s *Settings) checkMode(wrong func(bool, string, string, ...any)) {
	encrypted := s.Mode == "safe" || s.Mode == "compat"
	wrong(s.Mode != "" && s.Mode != "plain" && !encrypted, "WECHAT_MODE", "%q: write plain, compat or safe", s.Mode)
	wrong(encrypted && s.AESKey == "", "WECHAT_AES_KEY", "is missing: WECHAT_MODE %s needs it", s.Mode)
	wrong(s.AESKey != "" && !aesKey.MatchString(s.AESKey), "WECHAT_AES_KEY", "must be 43 letters and digits (it has %d characters)", len(s.AESKey))
	wrong(s.AESKeyPrevious != "" && !aesKey.MatchString(s.AESKeyPrevious), "WECHAT_AES_KEY_PREVIOUS", "must be 43 letters and digits (it has %d characters)", len(s.AESKeyPrevious))
	wrong(s.AESKeyPrevious != "" && s.AESKey == "", "WECHAT_AES_KEY", "is missing beside WECHAT_AES_KEY_PREVIOUS")
	wrong(s.AESKey != "" && s.Token == "", "WECHAT_TOKEN", "is missing beside WECHAT_AES_KEY")
	wrong(s.AESKey != "" && s.AppID == "", "WECHAT_APP_ID", "is missing: encrypted messages are checked against it")
}

func (s *Settings) checkRedis(wrong func(bool, string, string, ...any)) {
	if s.Redis == "" {
		return
	}
	for part := range strings.SplitSeq(s.Redis, ",") {
		if !strings.Contains(part, "://") && part != s.Redis {
			continue // a further address
		}
		u, err := url.Parse(part)
		known := err == nil && u.Host != "" && (u.Scheme == "redis" || u.Scheme == "rediss" || u.Scheme == "redis-sentinel")
		wrong(!known, "REDIS_URL", "write redis://host:6379, rediss://…, redis://a:6379,b:6379 for a Cluster, or redis-sentinel://a:26379,b:26379/mastername")
	}
}

// ModeOrDefault is the mode in force.
func (s *Settings) ModeOrDefault() string {
	switch {
	case s.Mode != "":
		return s.Mode
	case s.AESKey != "":
		return "safe"
	}
	return "plain"
}
