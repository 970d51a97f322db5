package wechattest

import (
	"encoding/json"
	"fmt"
	"time"
)

const (
	tokenLife    = 2 * time.Hour
	oldTokenLife = 5 * time.Minute  // how long a token goes on after /token gave out the next
	renewEarly   = 5 * time.Minute  // stable_token gives out the next one this long before the end
	forcePause   = 30 * time.Second // between two forced renewals
	forceLimit   = 20               // forced renewals a day
)

// tokens are what the API gave out. The two kinds do not know of each other.
type tokens struct {
	issued  map[string]*grant
	classic *grant
	stable  *grant
	forced  []time.Time
}

type grant struct {
	token string
	ends  time.Time
	void  int // the errcode that its use brings, once it was taken back; 0 = good
}

// ExpireTokens ends every token given out so far; their use brings 42001.
func (a *API) ExpireTokens() { a.voidTokens(42001) }

// RevokeTokens takes back every token given out so far, as a renewal elsewhere does;
// their use brings 40001.
func (a *API) RevokeTokens() { a.voidTokens(40001) }

func (a *API) voidTokens(code int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, g := range a.tokens.issued {
		g.void = code
	}
	a.tokens.classic, a.tokens.stable = nil, nil
}

// authorize returns the errcode that the use of a token brings.
func (a *API) authorize(token string) int {
	g := a.tokens.issued[token]
	switch {
	case token == "":
		return 41001
	case g == nil:
		return 40014
	case g.void != 0:
		return g.void
	case !a.now().Before(g.ends):
		return 42001
	}
	return 0
}

func (a *API) issue() *grant {
	if a.tokens.issued == nil {
		a.tokens.issued = map[string]*grant{}
	}
	g := &grant{token: fmt.Sprintf("TOKEN_%06d", len(a.tokens.issued)+1), ends: a.now().Add(tokenLife)}
	a.tokens.issued[g.token] = g
	return g
}

func (a *API) granted(g *grant) any {
	return map[string]any{"access_token": g.token, "expires_in": int(g.ends.Sub(a.now()).Seconds())}
}

func (a *API) credentials(grantType, appID, secret string) int {
	switch {
	case grantType != "client_credential":
		return 40002
	case appID == "":
		return 41002
	case appID != a.AppID:
		return 40013
	case secret == "":
		return 41004
	case secret != a.Secret:
		return 40125
	}
	return 0
}

// classicToken gives out a new token at every call; the one before it soon ends.
func (a *API) classicToken(c Call) any {
	if code := a.credentials(c.Query.Get("grant_type"), c.Query.Get("appid"), c.Query.Get("secret")); code != 0 {
		return code
	}
	if old := a.tokens.classic; old != nil {
		if soon := a.now().Add(oldTokenLife); soon.Before(old.ends) {
			old.ends = soon
		}
	}
	a.tokens.classic = a.issue()
	return a.granted(a.tokens.classic)
}

// stableToken gives out the same token until shortly before it ends, or a new one at
// once if it is forced to; the old one is then taken back.
func (a *API) stableToken(c Call) any {
	var in struct {
		GrantType string `json:"grant_type"`
		AppID     string `json:"appid"`
		Secret    string `json:"secret"`
		Force     bool   `json:"force_refresh"`
	}
	if err := json.Unmarshal(c.Body, &in); err != nil {
		return 47001
	}
	if code := a.credentials(in.GrantType, in.AppID, in.Secret); code != 0 {
		return code
	}
	if in.Force {
		if code := a.forceStable(); code != 0 {
			return code
		}
	}
	if g := a.tokens.stable; g == nil || g.ends.Sub(a.now()) <= renewEarly {
		a.tokens.stable = a.issue()
	}
	return a.granted(a.tokens.stable)
}

// forceStable takes the token back, at most every 30 s (else nothing happens) and
// 20 times a day.
func (a *API) forceStable() int {
	today, now := 0, a.now()
	for _, at := range a.tokens.forced {
		if now.Sub(at) < forcePause {
			return 0
		}
		if now.Sub(at) < 24*time.Hour {
			today++
		}
	}
	if today >= forceLimit {
		return 45009
	}
	a.tokens.forced = append(a.tokens.forced, now)
	if a.tokens.stable != nil {
		a.tokens.stable.void, a.tokens.stable = 40001, nil
	}
	return 0
}
