package redis

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"zizhi/bot"
	"zizhi/bot/redis/redistest"
)

// What a message stores, at about the sizes of real ones.
var (
	benchReply   = bytes.Repeat([]byte("字"), 400)
	benchSession = bytes.Repeat([]byte("s"), 200)
	benchLine    = bytes.Repeat([]byte("l"), 300)
)

func benchClaim(i int) bot.Claim {
	return bot.Claim{User: fmt.Sprintf("%032d", i%10_000), Message: fmt.Sprintf("%032d", i), Proof: fmt.Sprintf("%040d", i)}
}

// reportCPU adds to a benchmark the time that the client and the server kept a
// core busy, which other work on the machine does not change. Call it before
// the loop, and what it returns after it.
func reportCPU(b *testing.B, server *redistest.Server) func() {
	client, redis := clientCPU(b), serverCPU(b, server)
	b.ResetTimer()
	return func() {
		b.StopTimer()
		b.ReportMetric(float64(clientCPU(b)-client)/float64(b.N), "client-cpu-ns/op")
		b.ReportMetric(float64(serverCPU(b, server)-redis)/float64(b.N), "redis-cpu-ns/op")
	}
}

func clientCPU(b *testing.B) time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// serverCPU reads used_cpu_user and used_cpu_sys, in seconds, from INFO cpu.
func serverCPU(b *testing.B, server *redistest.Server) time.Duration {
	var sum float64
	for line := range strings.Lines(server.Do("INFO", "cpu")) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ":")
		if name == "used_cpu_user" || name == "used_cpu_sys" {
			sum += must(strconv.ParseFloat(value, 64))
		}
	}
	return time.Duration(sum * float64(time.Second))
}

// BenchmarkMessage is a message as the bot handles it: Begin and Commit.
func BenchmarkMessage(b *testing.B) {
	server := redistest.Start(b)
	m := open(b, "redis://"+server.Addr)
	defer reportCPU(b, server)()
	for i := range b.N {
		c := benchClaim(i)
		must(m.Begin(b.Context(), c))
		must(m.Commit(b.Context(), c, bot.Outcome{Reply: benchReply, Session: benchSession, Line: benchLine}))
	}
}

// BenchmarkFourCommands does less, one command after the other: it claims,
// loads the session, stores the reply and the session. No proof, no journal,
// no index for forgetting, and not all or none.
func BenchmarkFourCommands(b *testing.B) {
	server := redistest.Start(b)
	m := open(b, "redis://"+server.Addr)
	defer reportCPU(b, server)()
	for i := range b.N {
		k, ctx := keysOf(benchClaim(i)), b.Context()
		must(m.client.SetNX(ctx, k.message, "", bot.ClaimLife).Result())
		if err := m.client.Get(ctx, k.session).Err(); err != nil && err != redis.Nil {
			b.Fatal(err)
		}
		must(m.client.Set(ctx, k.message, benchReply, bot.ReplyLife).Result())
		must(m.client.Set(ctx, k.session, benchSession, bot.SessionLife).Result())
	}
}

// BenchmarkManyCommands does the same as BenchmarkMessage, one command after the other.
func BenchmarkManyCommands(b *testing.B) {
	server := redistest.Start(b)
	m := open(b, "redis://"+server.Addr)
	defer reportCPU(b, server)()
	for i := range b.N {
		c, ctx := benchClaim(i), b.Context()
		k := keysOf(c)
		must(m.client.SetNX(ctx, k.message, "", bot.ClaimLife).Result())
		must(m.client.SetNX(ctx, "zizhi:p:"+c.Proof, digest(k.message), bot.ProofLife).Result())
		if err := m.client.Get(ctx, k.session).Err(); err != nil && err != redis.Nil {
			b.Fatal(err)
		}
		must(m.client.Set(ctx, k.message, benchReply, bot.ReplyLife).Result())
		must(m.client.Set(ctx, k.session, benchSession, bot.SessionLife).Result())
		must(m.client.ZAdd(ctx, k.replies, redis.Z{Score: float64(i), Member: k.message}).Result())
		must(m.client.XAdd(ctx, &redis.XAddArgs{Stream: k.journal, MaxLen: linesPerBucket, Approx: true, Values: []any{"user", c.User, "line", benchLine}}).Result())
	}
}

// BenchmarkForget goes through a full journal of the bucket, in several trips.
func BenchmarkForget(b *testing.B) {
	m := open(b, "redis://"+redistest.Start(b).Addr)
	for i := range linesPerBucket {
		c := bot.Claim{User: "u", Message: fmt.Sprint(i)}
		must(m.Commit(b.Context(), c, bot.Outcome{Line: benchLine}))
	}
	neighbour := "other"
	for i := 0; keysOf(bot.Claim{User: neighbour}).journal != keysOf(bot.Claim{User: "u"}).journal; i++ {
		neighbour = fmt.Sprint("other", i)
	}
	for b.Loop() {
		if err := m.Forget(b.Context(), neighbour); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkJournal reads a full journal.
func BenchmarkJournal(b *testing.B) {
	m := open(b, "redis://"+redistest.Start(b).Addr)
	for i := range bot.JournalLength {
		c := bot.Claim{User: fmt.Sprint("u", i), Message: fmt.Sprint(i)}
		must(m.Commit(b.Context(), c, bot.Outcome{Line: benchLine}))
	}
	for _, n := range []int{100, bot.JournalLength} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				must(m.Journal(b.Context(), n))
			}
		})
	}
}
