package bot

import (
	"bytes"
	"context"
	"slices"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/expirable"
)

// Local is the Memory of one process. It is bounded, forgets by itself, and is
// lost when the process ends.
type Local struct {
	mu       sync.Mutex // makes each method one step; the caches below lock only themselves
	messages *expirable.LRU[messageKey, message]
	sessions *expirable.LRU[string, []byte]
	proofs   *expirable.LRU[string, messageKey]
	lines    *expirable.LRU[lineKey, []byte]
	written  uint64 // lines so far
}

type messageKey struct{ user, message string }

// message is a claim until it is answered.
type message struct {
	claimed  time.Time
	answered bool
	reply    []byte
}

type lineKey struct {
	number uint64
	user   string
}

// NewLocal returns a Memory that keeps at most capacity messages, as many
// sessions, proofs and lines of the journal (of those never more than
// JournalLength), and drops the oldest beyond. A capacity below 1 counts as 1.
//
// The caches are swept by goroutines that last as long as the process: a
// process wants one Local.
func NewLocal(capacity int) *Local {
	capacity = max(capacity, 1) // to the library, 0 means without a bound
	return &Local{
		messages: expirable.NewLRU[messageKey, message](capacity, nil, ReplyLife),
		sessions: expirable.NewLRU[string, []byte](capacity, nil, SessionLife),
		proofs:   expirable.NewLRU[string, messageKey](capacity, nil, ProofLife),
		lines:    expirable.NewLRU[lineKey, []byte](min(capacity, JournalLength), nil, JournalLife),
	}
}

// Begin implements Memory.
func (l *Local) Begin(ctx context.Context, c Claim) (Begun, error) {
	if err := ctx.Err(); err != nil {
		return Begun{}, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	key := messageKey{c.User, c.Message}
	if l.replayed(c.Proof, key) {
		return Begun{State: Replayed}, nil
	}
	session, _ := l.sessions.Get(c.User)
	begun := Begun{Session: bytes.Clone(session)}
	m, known := l.messages.Get(key)
	switch {
	case known && m.answered:
		begun.State, begun.Reply = Done, bytes.Clone(m.reply)
	case known && time.Since(m.claimed) < ClaimLife:
		begun.State = InFlight
	default:
		l.messages.Add(key, message{claimed: time.Now()})
	}
	return begun, nil
}

// replayed notes the proof and reports whether another message came with it before.
func (l *Local) replayed(proof string, key messageKey) bool {
	if proof == "" {
		return false
	}
	first, known := l.proofs.Get(proof)
	if !known {
		l.proofs.Add(proof, key)
	}
	return known && first != key
}

// Commit implements Memory.
func (l *Local) Commit(ctx context.Context, c Claim, o Outcome) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	key := messageKey{c.User, c.Message}
	if m, known := l.messages.Get(key); known && m.answered {
		return bytes.Clone(m.reply), nil
	}
	l.messages.Add(key, message{answered: true, reply: bytes.Clone(o.Reply)})
	if o.Session == nil {
		l.sessions.Remove(c.User)
	} else {
		l.sessions.Add(c.User, bytes.Clone(o.Session))
	}
	if o.Line != nil {
		l.written++
		l.lines.Add(lineKey{l.written, c.User}, bytes.Clone(o.Line))
	}
	return o.Reply, nil
}

// Forget implements Memory. It looks at everything that is stored: people
// leave rarely.
func (l *Local) Forget(ctx context.Context, user string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sessions.Remove(user)
	for _, key := range l.messages.Keys() {
		if key.user != user {
			continue
		}
		if m, _ := l.messages.Peek(key); m.answered {
			l.messages.Remove(key)
		}
	}
	for _, key := range l.lines.Keys() {
		if key.user == user {
			l.lines.Remove(key)
		}
	}
	return nil
}

// Journal implements Memory.
func (l *Local) Journal(ctx context.Context, n int) ([][]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	var newest [][]byte
	for _, key := range slices.Backward(l.lines.Keys()) {
		if len(newest) >= n {
			break
		}
		if line, kept := l.lines.Peek(key); kept { // Peek, since Get would make the line the newest
			newest = append(newest, bytes.Clone(line))
		}
	}
	return newest, nil
}

// Ping implements Memory.
func (l *Local) Ping(ctx context.Context) error { return ctx.Err() }
