// Package redis is the bot.Memory that instances share: sessions, replies,
// proofs and the journal in Redis 7 or newer (or Valkey), on one server, under
// Sentinel, or in a Cluster. It also keeps WeChat's access tokens (Tokens).
//
// Its one rule: a message costs two trips, and Redis can be late, full or gone
// without costing the caller more than Patience for each.
//
// What is stored (NN is the bucket of the user, 00 to 63; the braces keep all
// of a bucket on one node of a Cluster, so that a commit is one script):
//
//	{zizhi:NN}m<n>:<user><message>  a claim (empty), then "=" and the reply; n is the length of user
//	{zizhi:NN}s:<user>              the session
//	{zizhi:NN}r:<user>              sorted set of the message keys that hold replies, by time
//	{zizhi:NN}journal               stream of {user, line}
//	zizhi:p:<proof>                 digest of the message that the proof came with
//	zizhi:t:<key>, zizhi:lock:<key> see Tokens
package redis

import (
	"context"
	"crypto/sha256"
	_ "embed"
	"errors"
	"fmt"
	"hash/crc32"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/logging"

	"zizhi/bot"
)

// Patience is how long one trip to Redis may take. Beyond it the call fails.
const Patience = 300 * time.Millisecond

const (
	buckets = 64
	// A stream is trimmed by nodes of 100 lines (stream-node-max-entries), so
	// it may hold that many more than it is told to keep.
	linesPerBucket = bot.JournalLength/buckets - 100
)

var (
	//go:embed begin.lua
	beginSource string
	//go:embed commit.lua
	commitSource string
	//go:embed forget.lua
	forgetSource string

	beginScript  = redis.NewScript(beginSource)
	commitScript = redis.NewScript(commitSource)
	forgetScript = redis.NewScript(forgetSource)
)

// The library writes to standard error what every call returns as an error anyway.
func init() { logging.Disable() }

// Memory is a bot.Memory in Redis. It is safe for concurrent use.
type Memory struct {
	client   redis.UniversalClient
	counts   *counts
	patience time.Duration
	fit      atomic.Bool // the server is known to be new enough
}

var _ bot.Memory = (*Memory)(nil)

// Open returns a Memory on the Redis at an address (see the forms below). It
// does not connect: Redis may come later, or come and go. Ping says how it is.
//
//	redis://user:password@host:6379/0         one server; rediss:// with TLS, in every form
//	redis://user:password@h1:6379,h2:6379     a Cluster, by some of its nodes
//	redis-sentinel://user:password@h1:26379,h2:26379/mastername?db=0
//	                                          a master under Sentinel; user and password are those of Redis;
//	                                          sentinel_user=…&sentinel_password=… those of the Sentinels
//
// User, password, port and database may be left out. An error says what to
// write instead, and never repeats the address, which may hold a password.
func Open(address string) (*Memory, error) { return openWith(Patience, address) }

// openWith is for tests of what is stored, which must hold however late a busy machine is.
func openWith(patience time.Duration, address string) (*Memory, error) {
	o, err := parse(address)
	if err != nil {
		return nil, err
	}
	o.DialTimeout, o.ReadTimeout, o.WriteTimeout, o.PoolTimeout = patience, patience, patience, patience
	c := new(counts)
	return &Memory{client: connect(o, c), counts: c, patience: patience}, nil
}

// Close ends the connections.
func (m *Memory) Close() error { return m.client.Close() }

// Begin implements bot.Memory. One pipeline, of a script and of a SET for the
// proof, which may live on another node. So a replayed message is claimed too,
// for as long as ClaimLife; nobody will answer it.
func (m *Memory) Begin(ctx context.Context, c bot.Claim) (bot.Begun, error) {
	ctx, cancel := context.WithTimeout(ctx, m.patience)
	defer cancel()
	k := keysOf(c)
	keys, life := []string{k.message, k.session}, seconds(bot.ClaimLife)

	pipe := m.client.Pipeline()
	found := beginScript.EvalSha(ctx, pipe, keys, life)
	proof := setProof(ctx, pipe, c.Proof, digest(k.message))
	if _, err := pipe.Exec(ctx); err != nil && !answered(err) {
		return bot.Begun{}, failed("begin", err)
	}
	if redis.HasErrorPrefix(found.Err(), "NOSCRIPT") {
		found = beginScript.Eval(ctx, m.client, keys, life)
	}
	first, err := proof.Result()
	switch {
	case err != nil && err != redis.Nil:
		return bot.Begun{}, failed("begin", err)
	case err == nil && first != digest(k.message):
		return bot.Begun{State: bot.Replayed}, nil
	}
	return begun(found)
}

// setProof notes the message that a proof came with. It finds the message that
// had it first, or nothing.
func setProof(ctx context.Context, pipe redis.Pipeliner, proof, message string) *redis.StatusCmd {
	if proof == "" {
		return redis.NewStatusResult("", redis.Nil)
	}
	return pipe.SetArgs(ctx, "zizhi:p:"+proof, message, redis.SetArgs{Mode: "NX", Get: true, TTL: bot.ProofLife})
}

// begun reads the result of begin.lua.
func begun(found *redis.Cmd) (bot.Begun, error) {
	values, err := found.Slice()
	if err != nil {
		return bot.Begun{}, failed("begin", err)
	}
	if len(values) != 2 {
		return bot.Begun{}, fmt.Errorf("redis: begin: the script returned %d values, want 2", len(values))
	}
	var b bot.Begun
	if session, ok := values[1].(string); ok {
		b.Session = []byte(session)
	}
	if standing, ok := values[0].(string); ok {
		b.State = bot.InFlight
		if reply, answered := strings.CutPrefix(standing, "="); answered {
			b.State, b.Reply = bot.Done, []byte(reply)
		}
	}
	return b, nil
}

// Commit implements bot.Memory. One script.
func (m *Memory) Commit(ctx context.Context, c bot.Claim, o bot.Outcome) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, m.patience)
	defer cancel()
	k := keysOf(c)
	reply := o.Reply
	if reply == nil {
		reply = []byte{}
	}
	result, err := commitScript.Run(ctx, m.client, []string{k.message, k.session, k.replies, k.journal},
		mark(reply), mark(o.Session), mark(o.Line), c.User,
		seconds(bot.ReplyLife), seconds(bot.SessionLife), seconds(bot.JournalLife), linesPerBucket).Result()
	if err != nil {
		return nil, failed("commit", err)
	}
	if standing, ok := result.(string); ok {
		return []byte(strings.TrimPrefix(standing, "=")), nil
	}
	return o.Reply, nil
}

// mark tells empty from absent: "=" stands before what is there.
func mark(value []byte) []byte {
	if value == nil {
		return nil
	}
	return append([]byte{'='}, value...)
}

// Ping implements bot.Memory. It writes to every bucket, so that a Redis that
// is full, read-only or short of a node does not pass for a good one, and the
// first time looks at the version too.
func (m *Memory) Ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, m.patience)
	defer cancel()
	_, err := m.client.Pipelined(ctx, func(pipe redis.Pipeliner) error {
		for _, tag := range tags {
			pipe.Set(ctx, tag+"ping", "", time.Minute)
		}
		return nil
	})
	if redis.HasErrorPrefix(err, "MOVED") {
		return errors.New("redis: this server is part of a Cluster: write several of its addresses, redis://host1:6379,host2:6379")
	}
	if err != nil || m.fit.Load() {
		return failed("ping", err)
	}
	// Where INFO is not allowed, the version stays unknown.
	if info, err := m.client.Info(ctx, "server").Result(); err == nil {
		if err := checkVersion(info); err != nil {
			return err
		}
	}
	m.fit.Store(true)
	return nil
}

// checkVersion reads the answer to INFO server.
func checkVersion(info string) error {
	for line := range strings.Lines(info) {
		version, ok := strings.CutPrefix(strings.TrimSpace(line), "redis_version:") // Valkey says 7.2.4 here
		major, _, _ := strings.Cut(version, ".")
		if n, err := strconv.Atoi(major); ok && err == nil && n < 7 {
			return fmt.Errorf("redis: the server is Redis %s, too old: install Redis 7 or newer, or Valkey", version)
		}
	}
	return nil
}

// failed says which call failed; nil stays nil.
func failed(call string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("redis: %s: %w", call, err)
}

// keys are where things of a user and a message are stored.
type keys struct{ message, session, replies, journal string }

func keysOf(c bot.Claim) keys {
	t := tags[crc32.ChecksumIEEE([]byte(c.User))%buckets]
	return keys{
		message: t + "m" + strconv.Itoa(len(c.User)) + ":" + c.User + c.Message,
		session: t + "s:" + c.User,
		replies: t + "r:" + c.User,
		journal: t + "journal",
	}
}

var tags = func() (tags [buckets]string) {
	for bucket := range tags {
		tags[bucket] = fmt.Sprintf("{zizhi:%02d}", bucket)
	}
	return tags
}()

// digest stands for a message beside its proof, which outlives what is stored of the user.
func digest(messageKey string) string {
	sum := sha256.Sum256([]byte(messageKey))
	return string(sum[:16])
}

func seconds(d time.Duration) int64 { return int64(d / time.Second) }
