package bot

import (
	"context"
	"time"
)

// Memory is what the bot remembers between messages. It stores bytes and knows
// nothing of their meaning. There are two: Local, in this process, and
// redis.Memory, shared by instances. Package memorytest holds the rules that
// both keep.
//
// Every method returns soon after its context ends, whatever the store does,
// and its error says that nothing is known about what the store has done.
// User and message keys are made by the bot; they hold nothing personal.
type Memory interface {
	// Begin claims a message and loads the session of its user, in one trip.
	Begin(ctx context.Context, c Claim) (Begun, error)

	// Commit stores what came of a claimed message, in one trip: the reply, the
	// session and a line of the journal, all or none. If a reply to the message
	// stands already, nothing is stored and the standing reply is returned;
	// otherwise the one given.
	Commit(ctx context.Context, c Claim, o Outcome) (reply []byte, err error)

	// Forget deletes the session of a user, the replies to them, and their lines in the journal.
	Forget(ctx context.Context, user string) error

	// Journal returns the newest lines of the journal, newest first, at most n.
	Journal(ctx context.Context, n int) ([][]byte, error)

	// Ping reports whether the store answers.
	Ping(ctx context.Context) error
}

// Claim names a message and its user.
type Claim struct {
	User    string // a keyed hash
	Message string // the same for every delivery of one message
	Proof   string // what only one message may carry, such as the signature of its delivery; empty: nothing
}

// Begun is what Begin found.
type Begun struct {
	State   ClaimState
	Reply   []byte // with Done
	Session []byte // nil: there is none
}

// ClaimState says what is known of a message.
type ClaimState uint8

const (
	New      ClaimState = iota // nobody has seen it; it is claimed for the caller now
	InFlight                   // somebody has claimed it and not yet committed
	Done                       // it has been answered
	Replayed                   // its proof came with another message before
)

// Outcome is what came of a message.
type Outcome struct {
	Reply   []byte
	Session []byte // nil deletes the session
	Line    []byte // of the journal; nil writes none
}

// How long things are kept. A session ends after half an hour of silence, as a
// person expects of a conversation. Replies outlive WeChat's three deliveries,
// five seconds apart, and the longest allowed age of a message.
const (
	SessionLife = 30 * time.Minute
	ReplyLife   = 10 * time.Minute
	ClaimLife   = 10 * time.Second // after that the claim of a dead instance no longer counts
	ProofLife   = 10 * time.Minute
	JournalLife = 30 * 24 * time.Hour
)

// JournalLength bounds the journal, in lines.
const JournalLength = 100_000
