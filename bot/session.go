package bot

import (
	"encoding/json"
	"slices"
	"time"
	"unicode/utf8"
)

// Session is what the bot keeps of a conversation while it lasts.
type Session struct {
	At      time.Time `json:"at"`                // of the last message
	Edition string    `json:"edition,omitempty"` // that rows and choices are of, where it is not the account's own
	Rows    []string  `json:"rows,omitempty"`    // keys of the rows that the last answer was about
	Choices []string  `json:"choices,omitempty"` // offered by number: keys of rows, or first-level categories
	Parts   []string  `json:"parts,omitempty"`   // of a long answer, still to be sent
	Part    int       `json:"part,omitempty"`    // number of the part that was sent last, from 1
	Lost    int       `json:"lost,omitempty"`    // messages in a row that were not understood
	Handed  time.Time `json:"handed,omitzero"`   // when the conversation was handed to a person who has not given it back
	Asked   string    `json:"asked,omitempty"`   // the last question, numbers blanked: what a person who takes over sees
}

// openSession reads a stored session. A broken one, one about another edition,
// or one that has ended by the time of the message, is like none.
func (x *Expert) openSession(data []byte, now time.Time) Session {
	var s Session
	if len(data) == 0 || json.Unmarshal(data, &s) != nil || now.Sub(s.At) > SessionLife || !x.fits(s) {
		return Session{}
	}
	return s
}

// fits reports whether all that a session speaks of can be said.
func (x *Expert) fits(s Session) bool {
	edition := x.Edition
	if s.Edition != "" && s.Edition != edition.ID {
		v, known := x.other(s.Edition)
		if !known {
			return false
		}
		edition = v.Edition
	}
	unknown := func(key string) bool { return edition.Row(key) == nil }
	noChoice := func(key string) bool { return unknown(key) && len(edition.Under(key)) == 0 }
	tooLong := func(part string) bool { return part == "" || len(part) > longestReply || !utf8.ValidString(part) }
	return !slices.ContainsFunc(s.Rows, unknown) && !slices.ContainsFunc(s.Choices, noChoice) && !slices.ContainsFunc(s.Parts, tooLong)
}

func (s Session) bytes() []byte {
	data, err := json.Marshal(s)
	if err != nil {
		panic(err) // it holds nothing that JSON cannot write
	}
	return data
}
