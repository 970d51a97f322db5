// Package bot decides what to say: Message and Session in, Reply out.
//
// Its one rule: everybody comes in by Bot.Reply, whether from WeChat, the chat
// page, the staff API or the command line, and so gets the same answer.
//
// Answering is begin → read → turn → commit. Begin claims the message and loads
// the session; match.Reader reads the words; turn (turn.go) is pure and works
// out reply and session; commit stores them. Without its memory the bot forgets
// conversations but answers.
package bot

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"sync/atomic"
	"time"

	"zizhi/knowledge"
	"zizhi/knowledge/match"
)

// Expert is what the bot knows: an edition and how to read questions about it.
// Nothing of it changes once a bot has it.
type Expert struct {
	Base    *knowledge.Base
	Edition *knowledge.Edition
	Reader  *match.Reader
	Others  []View // further editions, for what this one does not have and for what has changed; none: this one alone
	Handoff bool   // the account has human agents to hand over to
	Contact string // what is said where it has none: a telephone number, a person's account
}

// Bot answers messages with what its expert knows. It is safe for concurrent use.
type Bot struct {
	Memory Memory
	Secret []byte // keys the hashes under which users are stored; the same on every instance
	Pace   *Pace  // of one person; nil: as fast as they like
	Events Events

	expert atomic.Pointer[Expert]
}

// Expert is who answers now.
func (b *Bot) Expert() *Expert { return b.expert.Load() }

// Teach puts an expert in the place of the one before, for every question from
// now on; those under way are answered by the expert that has begun to read them.
// A bot that has never been taught cannot answer. It returns the bot.
func (b *Bot) Teach(x *Expert) *Bot {
	b.expert.Store(x)
	return b
}

// Events are called as things happen; each may be nil.
type Events struct {
	Answered func(Reply)                // a message got a new answer
	Repeated func()                     // a further delivery got the answer that stands
	TooFast  func()                     // a message was not read, since its person writes too fast
	Degraded func(op string, err error) // the memory failed; the answer was given without it
	Restored func()                     // the memory has kept an answer
}

// ErrReplayed is the error for a message whose proof came with another message before.
var ErrReplayed = errors.New("the proof of this message came with another message before")

const (
	stateBudget = 900 * time.Millisecond // for all that memory may take from one reply
	inFlight    = 500 * time.Millisecond // how long a further delivery waits for the first to be answered
	pollEvery   = 50 * time.Millisecond
)

// Reply answers a message. The only error is ErrReplayed.
func (b *Bot) Reply(ctx context.Context, m Message) (Reply, error) {
	if m.Kind == Ignored {
		return Reply{Kind: match.Chat}, nil
	}
	state, cancel := context.WithTimeout(ctx, stateBudget)
	defer cancel()
	claim := b.claim(m)
	if m.Kind == Unfollow {
		b.degraded("forget", b.Memory.Forget(state, claim.User))
		return Reply{Kind: match.Chat}, nil
	}
	begun, err := b.begin(state, claim)
	switch {
	case err != nil:
		b.degraded("begin", err)
		return b.Stateless(m), nil
	case begun.State == Replayed:
		return Reply{}, ErrReplayed
	case begun.State == Done:
		return b.standing(m, begun.Reply), nil
	}
	reply := b.answer(state, m, claim, begun.Session)
	if begun.State != New {
		reply.Rest = nil // whoever has claimed it may have sent them
	}
	return reply, nil
}

// begin claims the message. A further delivery that finds the first in flight
// waits for its answer, and after a while works the answer out itself: the
// first may have died. That is harmless, since the answer is a function of
// message and session, and only one is ever committed.
func (b *Bot) begin(ctx context.Context, claim Claim) (Begun, error) {
	deadline := time.Now().Add(inFlight)
	for {
		begun, err := b.Memory.Begin(ctx, claim)
		if err != nil || begun.State != InFlight || time.Now().After(deadline) {
			return begun, err
		}
		select {
		case <-ctx.Done():
			return begun, nil
		case <-time.After(pollEvery):
		}
	}
}

// answer works out the answer and commits it. Where another has done so
// meanwhile, that one stands.
func (b *Bot) answer(ctx context.Context, m Message, claim Claim, stored []byte) Reply {
	reply, outcome := b.workOut(m, claim, stored)
	standing, err := b.Memory.Commit(ctx, claim, outcome)
	switch {
	case err != nil:
		b.degraded("commit", err)
		reply.Rest = nil // a further delivery would send them again
		reply.Unkept = true
	case !bytes.Equal(standing, outcome.Reply):
		return b.standing(m, standing)
	case b.Events.Restored != nil:
		b.Events.Restored()
	}
	if b.Events.Answered != nil {
		b.Events.Answered(reply)
	}
	return reply
}

// workOut takes the turn. Who writes too fast keeps their session and leaves no
// line in the journal.
func (b *Bot) workOut(m Message, claim Claim, stored []byte) (Reply, Outcome) {
	if reply, fast := b.tooFast(m, claim); fast {
		return reply, Outcome{Reply: reply.stored(), Session: stored}
	}
	x := b.Expert()
	reply, session := x.take(m, x.openSession(stored, m.At))
	return reply, Outcome{Reply: reply.stored(), Session: session.bytes(), Line: b.line(m, claim, reply)}
}

// tooFast returns the reply to who writes too fast.
func (b *Bot) tooFast(m Message, claim Claim) (Reply, bool) {
	stride := b.Pace.step(claim, m.At)
	if stride == steady {
		return Reply{}, false
	}
	if b.Events.TooFast != nil {
		b.Events.TooFast()
	}
	return stride.reply(b.Expert().Edition.ID), true
}

// Converse answers the last of a person's messages, in the light of the others.
// Nothing of it is stored.
func (b *Bot) Converse(messages []string, at time.Time) Reply {
	var reply Reply
	var session Session
	x := b.Expert()
	for i, text := range messages {
		m := Message{Kind: Text, Text: text, At: at, Explain: i == len(messages)-1}
		reply, session = x.take(m, session)
	}
	return reply
}

// Stateless answers without the memory, as if nothing had been said before. The
// pace of the person counts all the same.
func (b *Bot) Stateless(m Message) Reply {
	m.Push = false // a further delivery would send them again
	if m.Kind == Ignored || m.Kind == Unfollow {
		return Reply{Kind: match.Chat, Unkept: true}
	}
	reply, fast := b.tooFast(m, b.claim(m))
	if !fast {
		reply, _ = b.Expert().take(m, Session{})
	}
	reply.Unkept = true
	if b.Events.Answered != nil {
		b.Events.Answered(reply)
	}
	return reply
}

// standing is the reply that a message got before. One that cannot be read is worked out anew.
func (b *Bot) standing(m Message, data []byte) Reply {
	var s storedReply
	if err := json.Unmarshal(data, &s); err != nil {
		b.degraded("read reply", err)
		return b.Stateless(m)
	}
	if b.Events.Repeated != nil {
		b.Events.Repeated()
	}
	return Reply{Kind: s.Kind, Rows: s.Rows, Text: s.Text, Transfer: s.Transfer, Edition: b.Expert().Edition.ID}
}

func (b *Bot) degraded(op string, err error) {
	if err != nil && b.Events.Degraded != nil {
		b.Events.Degraded(op, err)
	}
}

// claim names the message by hashes; a message that has no identity gets one of its own.
func (b *Bot) claim(m Message) Claim {
	id := m.ID
	if id == "" {
		id = m.At.Format(time.RFC3339Nano) + m.Text
	}
	return Claim{User: b.hash("user", m.User), Message: b.hash("message", m.User+"\x00"+id), Proof: m.Proof}
}

// hash keeps identities out of what is stored: HMAC-SHA-256, cut to 128 bits.
func (b *Bot) hash(purpose, value string) string {
	mac := hmac.New(sha256.New, b.Secret)
	mac.Write([]byte(purpose + "\x00" + value))
	return hex.EncodeToString(mac.Sum(nil)[:16])
}

// storedReply is what is kept of a reply for further deliveries.
type storedReply struct {
	Kind     match.Kind `json:"kind"`
	Rows     []string   `json:"rows,omitempty"`
	Text     string     `json:"text,omitempty"`
	Transfer bool       `json:"transfer,omitempty"`
}

func (r Reply) stored() []byte {
	return mustJSON(storedReply{Kind: r.Kind, Rows: r.Rows, Text: r.Text, Transfer: r.Transfer})
}

// Line is a line of the journal: what was asked and what it was taken for.
type Line struct {
	At      time.Time  `json:"at"`
	User    string     `json:"user"` // keyed hash
	Text    string     `json:"text"` // long numbers blanked
	Kind    match.Kind `json:"kind"`
	Rows    []string   `json:"rows,omitempty"`
	Score   float64    `json:"score"`
	Edition string     `json:"edition"`
}

func (b *Bot) line(m Message, c Claim, r Reply) []byte {
	const longest = 500 // bytes of text: a question, not a letter
	text := blankNumbers(m.Text)
	return mustJSON(Line{At: m.At, User: c.User, Text: text[:cutAt(text, longest)], Kind: r.Kind, Rows: r.Rows, Score: r.Score, Edition: r.Edition})
}

func mustJSON(v any) []byte {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err) // our own types hold nothing that JSON cannot write
	}
	return data
}
