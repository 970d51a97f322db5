package redis

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParse(t *testing.T) {
	type form struct {
		Addrs                                            []string
		User, Password, Master, GuardUser, GuardPassword string
		DB                                               int
		TLS                                              bool
	}
	for address, want := range map[string]form{
		"redis://h":                                       {Addrs: []string{"h:6379"}},
		"redis://h/":                                      {Addrs: []string{"h:6379"}},
		"REDIS://127.0.0.1:7000/3":                        {Addrs: []string{"127.0.0.1:7000"}, DB: 3},
		"redis://:p%40ss%2F@h:1":                          {Addrs: []string{"h:1"}, Password: "p@ss/"},
		"redis://u:p:q@h:1":                               {Addrs: []string{"h:1"}, User: "u", Password: "p:q"},
		"rediss://u:p@h":                                  {Addrs: []string{"h:6379"}, User: "u", Password: "p", TLS: true},
		"redis://[::1]":                                   {Addrs: []string{"[::1]:6379"}},
		"redis://[::1]:7000":                              {Addrs: []string{"[::1]:7000"}},
		"redis://u:p@h1:1,h2:2,h3":                        {Addrs: []string{"h1:1", "h2:2", "h3:6379"}, User: "u", Password: "p"},
		"rediss://h1,h2/0":                                {Addrs: []string{"h1:6379", "h2:6379"}, TLS: true},
		"redis-sentinel://h/m":                            {Addrs: []string{"h:26379"}, Master: "m"},
		"redis-sentinel://u:p@h1,h2:2/m?db=4":             {Addrs: []string{"h1:26379", "h2:2"}, User: "u", Password: "p", Master: "m", DB: 4},
		"rediss-sentinel://h/m?sentinel_user=a":           {Addrs: []string{"h:26379"}, Master: "m", GuardUser: "a", TLS: true},
		"redis-sentinel://h/m?sentinel_password=%40&db=0": {Addrs: []string{"h:26379"}, Master: "m", GuardPassword: "@"},
	} {
		o, err := parse(address)
		if err != nil {
			t.Errorf("%s: %v", address, err)
			continue
		}
		got := form{o.Addrs, o.Username, o.Password, o.MasterName, o.SentinelUsername, o.SentinelPassword, o.DB, o.TLSConfig != nil}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", address, diff)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	const secret = "geheim"
	for address, want := range map[string]string{
		"":                                   "must begin with redis://",
		"localhost:6379":                     "must begin with redis://",
		"http://h":                           "must begin with redis://",
		secret:                               "must begin with redis://",
		"redis://":                           "number 1 of the hosts",
		"redis://h1,":                        "number 2 of the hosts",
		"redis://h:port":                     "number 1 of the hosts",
		"redis://h:0":                        "number 1 of the hosts",
		"redis://h:65536":                    "number 1 of the hosts",
		"redis://::1":                        "number 1 of the hosts",
		"redis://:ge/heim@h":                 "%2F for /",
		"redis://:" + secret + "#@h":         "%23 for #",
		"redis://:" + secret + "%zz@h":       "%25 for %",
		"redis://:" + secret + "@h/x":        "must be a number",
		"redis://h/-1":                       "must be a number",
		"redis://h1,h2/1":                    "database 0 alone",
		"redis://h?read_timeout=3s":          `unknown option "read_timeout"`,
		"redis://h?db=1":                     `unknown option "db"`,
		"redis-sentinel://h1,h2":             "name of the master",
		"redis-sentinel://h1,h2/m/0":         "name of the master",
		"redis-sentinel://h/m?db=x":          "must be a number",
		"redis-sentinel://h/m?master_name=x": `unknown option "master_name"`,
	} {
		_, err := Open(address)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want one with %q", address, err, want)
		} else if strings.Contains(err.Error(), secret) || strings.Contains(err.Error(), "heim@") {
			t.Errorf("%s: the error repeats the password: %v", address, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"redis://u:p@h1:1,[::1]:2/0", "redis-sentinel://u:p@h/m?db=1&sentinel_user=x", "rediss://%", "redis://@,@/?#"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		o, err := parse(text)
		if err == nil && (len(o.Addrs) == 0 || o.DB < 0 || !o.ContextTimeoutEnabled) {
			t.Errorf("%q: %+v", text, o)
		}
	})
}
