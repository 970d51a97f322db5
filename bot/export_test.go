package bot

import "time"

// Take takes a turn from a session as it is stored to the next.
func Take(x *Expert, m Message, session []byte) (Reply, []byte) {
	reply, after := x.take(m, x.openSession(session, m.At))
	return reply, after.bytes()
}

// ClaimOf names a message as the bot does.
func ClaimOf(b *Bot, m Message) Claim { return b.claim(m) }

// Step is what a flood costs without the answers.
func Step(p *Pace, user string, at time.Time) { p.step(Claim{User: user, Message: at.String()}, at) }
