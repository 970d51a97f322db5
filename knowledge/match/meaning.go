package match

import (
	"fmt"

	"zizhi/knowledge"
)

// Kind is what a message is.
type Kind string

// The kinds of a message. They are those of the JSON contract but for small
// talk, whose subject stands in Meaning.Chat.
const (
	Answer  Kind = "answer"  // sure of the rows
	Clarify Kind = "clarify" // one of the rows, it does not say which
	Gap     Kind = "gap"     // holds documents and asks about the row
	Licence Kind = "licence" // asks what licences are for
	Browse  Kind = "browse"  // a first-level category, or the list as a whole
	None    Kind = "none"    // not in the table, or not understood
	Chat    Kind = "chat"    // greeting, thanks, help, abuse, symbols
	Handoff Kind = "handoff" // wants a person
)

// Meaning is what a message was understood to say.
type Meaning struct {
	Kind     Kind
	Rows     []*knowledge.Row // best first
	Ask      string           // with Clarify: the question that tells the rows apart; may be empty
	First    string           // with Browse: the first-level category; empty for the whole list
	Licences []Holding        // licences that the message names
	Topic    string           // with None: the trade that is not in the table; may be empty
	Near     []*knowledge.Row // with None: rows that may have been meant
	Chat     string           // with Chat: greet, thanks, bye, help, identity, abuse, symbols, ack
	Aside    Aside            // something else that is asked, which the table does not know
	Asks     bool             // the message names papers, categories or the mini program, or is a bare name
	Score    float64          // how sure the reading is, from 0 to 1
	Why      []Evidence       // strongest first
}

// Holding is a licence that a message names.
type Holding struct {
	Licence *knowledge.Licence
	Status  Status
	Lacking bool // the message says that its scope lacks the needed item
}

// Status says how a message speaks of a licence.
type Status uint8

const (
	Named  Status = iota // just named
	Held                 // the person has it
	Absent               // the person does not have it
)

func (s Status) String() string { return [...]string{"named", "held", "absent"}[s] }

// Aside is a question beside the documents.
type Aside string

const (
	AsideTime   Aside = "time"   // how long it takes
	AsideCost   Aside = "cost"   // what it costs
	AsidePlace  Aside = "place"  // where and how to apply
	AsideReject Aside = "reject" // why it was rejected
)

// Evidence is one reason for a reading.
type Evidence struct {
	Text   string  // what stands in the message: 口红
	Points string  // what it speaks for: 商家自营/美妆/洗护
	Weight float64 // log-odds; negative speaks against
	Source string  // wording, sound, shape, licence, n-gram, context …
}

// MarshalText lets evidence stand in JSON as people read it.
func (e Evidence) MarshalText() ([]byte, error) { return []byte(e.String()), nil }

func (e Evidence) String() string {
	return fmt.Sprintf("“%s” → %s %+.1f (%s)", e.Text, e.Points, e.Weight, e.Source)
}
