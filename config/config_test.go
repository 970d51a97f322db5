package config_test

import (
	"strings"
	"testing"
	"time"

	"zizhi/config"
)

// good are the settings of an account in safe mode.
func good() config.Settings {
	return config.Settings{
		Listen: "127.0.0.1:8080", Token: "abc123", AppID: "wx0123456789abcdef", AESKey: strings.Repeat("a", 43),
		Window: 5 * time.Minute, Edition: "2017-04", Connections: 1000,
	}
}

// TestCheck: each change of good settings is named with its variable, or nothing is.
func TestCheck(t *testing.T) {
	cases := []struct {
		name   string
		change func(*config.Settings)
		want   []string // variables, in the order of the lines
	}{
		{"good", func(*config.Settings) {}, nil},
		{"nothing but defaults", func(s *config.Settings) {
			*s = config.Settings{Listen: s.Listen, Window: s.Window, Connections: s.Connections}
		}, nil},
		{"every address", func(s *config.Settings) { s.Listen = ":8080" }, nil},
		{"no port", func(s *config.Settings) { s.Listen = "localhost" }, []string{"ZIZHI_LISTEN"}},
		{"token with a sign", func(s *config.Settings) { s.Token = "abc-123" }, []string{"WECHAT_TOKEN"}},
		{"token of 33", func(s *config.Settings) { s.Token = strings.Repeat("a", 33) }, []string{"WECHAT_TOKEN"}},
		{"original id for app id", func(s *config.Settings) { s.AppID = "gh_0123456789ab" }, []string{"WECHAT_APP_ID"}},
		{"secret without app id", func(s *config.Settings) { s.AppID, s.AESKey, s.AppSecret = "", "", "x" }, []string{"WECHAT_APP_ID"}},
		{"messages", func(s *config.Settings) { s.AppSecret, s.Messages = "x", true }, nil},
		{"messages without secret", func(s *config.Settings) { s.Messages = true }, []string{"WECHAT_APP_SECRET"}},
		{"key of 42", func(s *config.Settings) { s.AESKey = s.AESKey[1:] }, []string{"WECHAT_AES_KEY"}},
		{"key without token", func(s *config.Settings) { s.Token = "" }, []string{"WECHAT_TOKEN"}},
		{"key without app id", func(s *config.Settings) { s.AppID = "" }, []string{"WECHAT_APP_ID"}},
		{"previous key alone", func(s *config.Settings) { s.AESKey, s.AESKeyPrevious = "", s.AESKey }, []string{"WECHAT_AES_KEY"}},
		{"unknown mode", func(s *config.Settings) { s.Mode = "Safe" }, []string{"WECHAT_MODE"}},
		{"compat without key", func(s *config.Settings) { s.Mode, s.AESKey = "compat", "" }, []string{"WECHAT_AES_KEY"}},
		{"window too short", func(s *config.Settings) { s.Window = 59 * time.Second }, []string{"WECHAT_WINDOW"}},
		{"window too long", func(s *config.Settings) { s.Window = time.Hour + 1 }, []string{"WECHAT_WINDOW"}},
		{"one redis", func(s *config.Settings) { s.Redis = "rediss://user:word@host:6379/1" }, nil},
		{"cluster", func(s *config.Settings) { s.Redis = "redis://a:6379,b:6379" }, nil},
		{"sentinel", func(s *config.Settings) { s.Redis = "redis-sentinel://a:26379,b:26379/main" }, nil},
		{"redis without scheme", func(s *config.Settings) { s.Redis = "localhost:6379" }, []string{"REDIS_URL"}},
		{"redis over http", func(s *config.Settings) { s.Redis = "http://localhost:6379" }, []string{"REDIS_URL"}},
		{"negative rate", func(s *config.Settings) { s.Rate = -1 }, []string{"ZIZHI_RATE"}},
		{"no connections", func(s *config.Settings) { s.Connections = 0 }, []string{"ZIZHI_CONNECTIONS"}},
		{"few connections", func(s *config.Settings) { s.Connections = 15 }, []string{"ZIZHI_CONNECTIONS"}},
		{"short staff token", func(s *config.Settings) { s.StaffToken = strings.Repeat("a", 15) }, []string{"ZIZHI_STAFF_TOKEN"}},
		{"data is a file", func(s *config.Settings) { s.Data = "config_test.go" }, []string{"ZIZHI_DATA"}},
		{"two at once", func(s *config.Settings) { s.Listen, s.Mode = "x", "y" }, []string{"ZIZHI_LISTEN", "WECHAT_MODE"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s := good()
			c.change(&s)
			var lines []string
			err := s.Check()
			if err != nil {
				lines = strings.Split(err.Error(), "\n")
			}
			if len(lines) != len(c.want) {
				t.Fatalf("Check() = %v, want faults of %q", err, c.want)
			}
			for i, variable := range c.want {
				if !strings.HasPrefix(lines[i], variable+": ") {
					t.Errorf("line %d is %q, want a fault of %s", i+1, lines[i], variable)
				}
			}
		})
	}
}

func TestModeOrDefault(t *testing.T) {
	for _, c := range []struct{ mode, key, want string }{
		{"", "", "plain"}, {"", "key", "safe"}, {"compat", "key", "compat"}, {"plain", "key", "plain"},
	} {
		s := config.Settings{Mode: c.mode, AESKey: c.key}
		if got := s.ModeOrDefault(); got != c.want {
			t.Errorf("mode %q, key %q: got %q, want %q", c.mode, c.key, got, c.want)
		}
	}
}
