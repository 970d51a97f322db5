package bot

import (
	"encoding/json"
	"time"
)

// Session is what the bot keeps of a conversation while it lasts.
type Session struct {
	At      time.Time `json:"at"`                // of the last message
	Rows    []string  `json:"rows,omitempty"`    // keys of the rows that the last answer was about
	Choices []string  `json:"choices,omitempty"` // offered by number: keys of rows, or first-level categories
	Parts   []string  `json:"parts,omitempty"`   // of a long answer, still to be sent
	Part    int       `json:"part,omitempty"`    // number of the part that was sent last, from 1
	Lost    int       `json:"lost,omitempty"`    // messages in a row that were not understood
	Asked   string    `json:"asked,omitempty"`   // the last question, numbers blanked: what a person who takes over sees
}

// openSession reads a stored session. A broken one, or one that has ended by
// the time of the message, is like none.
func openSession(data []byte, now time.Time) Session {
	var s Session
	if len(data) == 0 || json.Unmarshal(data, &s) != nil || now.Sub(s.At) > SessionLife {
		return Session{}
	}
	return s
}

func (s Session) bytes() []byte {
	data, err := json.Marshal(s)
	if err != nil {
		panic(err) // it holds nothing that JSON cannot write
	}
	return data
}
