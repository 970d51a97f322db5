package redis

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"zizhi/bot"
)

// What Forget and Journal go through in one trip, so that it stays well below
// Patience, and Redis does not keep others waiting meanwhile.
const (
	linesPerForget = 250
	linesPerTrip   = 2000
)

// Forget implements bot.Memory. A trip for every 250 lines in the journal of
// the bucket, each as long as Patience at most.
func (m *Memory) Forget(ctx context.Context, user string) error {
	k := keysOf(bot.Claim{User: user})
	for from := "-"; ; {
		next, err := m.forgetSome(ctx, k, user, from)
		if err == redis.Nil {
			return nil
		}
		if err != nil {
			return failed("forget", err)
		}
		from = next
	}
}

func (m *Memory) forgetSome(ctx context.Context, k keys, user, from string) (next string, err error) {
	ctx, cancel := context.WithTimeout(ctx, m.patience)
	defer cancel()
	return forgetScript.Run(ctx, m.client, []string{k.session, k.replies, k.journal}, user, from, linesPerForget).Text()
}

// Journal implements bot.Memory. Several trips, each as long as Patience at
// most: 64 for a whole journal, one for a few lines. Of two lines of one
// millisecond, by different people, either may be the newer.
func (m *Memory) Journal(ctx context.Context, n int) ([][]byte, error) {
	if n <= 0 {
		return nil, ctx.Err()
	}
	perTrip := max(1, min(buckets, linesPerTrip/n))
	var lines []redis.XMessage
	for first := 0; first < buckets; first += perTrip {
		some, err := m.newest(ctx, first, min(first+perTrip, buckets), n)
		if err != nil {
			return nil, failed("journal", err)
		}
		lines = append(lines, some...)
	}
	slices.SortFunc(lines, func(a, b redis.XMessage) int { return compareIDs(b.ID, a.ID) })
	var texts [][]byte
	for _, line := range lines[:min(n, len(lines))] {
		text, _ := line.Values["line"].(string)
		texts = append(texts, []byte(text))
	}
	return texts, nil
}

// newest reads the newest n lines of each of some buckets.
func (m *Memory) newest(ctx context.Context, first, end, n int) ([]redis.XMessage, error) {
	ctx, cancel := context.WithTimeout(ctx, m.patience)
	defer cancel()
	oldest := strconv.FormatInt(time.Now().Add(-bot.JournalLife).UnixMilli(), 10)
	pipe := m.client.Pipeline()
	var reads []*redis.XMessageSliceCmd
	for bucket := first; bucket < end; bucket++ {
		reads = append(reads, pipe.XRevRangeN(ctx, tags[bucket]+"journal", "+", oldest, int64(n)))
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return nil, err
	}
	var lines []redis.XMessage
	for _, read := range reads {
		lines = append(lines, read.Val()...)
	}
	return lines, nil
}

// compareIDs compares ids of stream entries, "milliseconds-number".
func compareIDs(a, b string) int {
	aTime, aNumber, _ := strings.Cut(a, "-")
	bTime, bNumber, _ := strings.Cut(b, "-")
	return cmp.Or(compareDigits(aTime, bTime), compareDigits(aNumber, bNumber))
}

func compareDigits(a, b string) int {
	return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b))
}
