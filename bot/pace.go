package bot

import (
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/expirable"
	"golang.org/x/time/rate"

	"zizhi/knowledge/match"
)

// Pace is how fast one person may write. Whoever writes faster is asked once a
// minute to slow down, and gets no reply to the rest; nobody else notices. It
// counts what this process answers, with the bot's memory or without: each
// instance has a Pace of its own. Further deliveries of a message count once.
type Pace struct {
	perMinute int

	mu      sync.Mutex // makes a look and the entry it leads to one step
	people  *expirable.LRU[string, *walker]
	strides *expirable.LRU[messageKey, stride] // what was said to messages, should they come again
}

// walker is one person's allowance: of messages, and of requests to slow down.
type walker struct{ messages, requests *rate.Limiter }

// walkers bounds the people known to a Pace, and the messages, at about 500 and
// 300 bytes each. Whoever writes too fast was here a moment ago, so the oldest
// can be dropped.
const walkers = 10_000

// NewPace returns a Pace of so many messages a minute, which may also come all
// at once; nil, which lets everything pass, for none.
func NewPace(perMinute int) *Pace {
	if perMinute <= 0 {
		return nil
	}
	// After a minute of silence an allowance is whole again, as if nobody had written.
	return &Pace{
		perMinute: perMinute,
		people:    expirable.NewLRU[string, *walker](walkers, nil, time.Minute),
		strides:   expirable.NewLRU[messageKey, stride](walkers, nil, time.Minute),
	}
}

// stride is what a Pace says to one message.
type stride uint8

const (
	steady  stride = iota // answer it
	hurried               // ask the person to slow down
	running               // they have been asked; say nothing
)

// step counts a message, sent at a time.
func (p *Pace) step(c Claim, at time.Time) stride {
	if p == nil {
		return steady
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	key := messageKey{c.User, c.Message}
	s, again := p.strides.Get(key)
	if !again {
		s = p.walker(c.User).step(at)
		p.strides.Add(key, s)
	}
	return s
}

func (w *walker) step(at time.Time) stride {
	switch {
	case w.messages.AllowN(at, 1):
		return steady
	case w.requests.AllowN(at, 1):
		return hurried
	}
	return running
}

func (p *Pace) walker(user string) *walker {
	w, known := p.people.Get(user)
	if !known {
		w = &walker{
			messages: rate.NewLimiter(rate.Every(time.Minute/time.Duration(p.perMinute)), p.perMinute),
			requests: rate.NewLimiter(rate.Every(time.Minute), 1),
		}
	}
	p.people.Add(user, w) // an entry expires a minute after it was added last
	return w
}

// reply is what the person gets; empty where nothing is to be said.
func (s stride) reply(edition string) Reply {
	r := Reply{Kind: match.Chat, Rows: []string{}, Edition: edition}
	if s == hurried {
		r.Text = say("slow_down")
	}
	return r
}
