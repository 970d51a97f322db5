package bot

import (
	"time"

	"zizhi/knowledge/match"
)

// Message is something that a person did: wrote, tapped, followed.
type Message struct {
	Kind    MessageKind
	User    string    // who, as the platform names them; never stored
	ID      string    // the same for every delivery of one message; empty: it is delivered once
	Proof   string    // what only this message may carry, such as its signature; empty: nothing
	Text    string    // the words, or the key of a tap or scan
	At      time.Time // when it was sent
	Explain bool      // the reply shall carry its reasons
	Push    bool      // further parts of a long answer can be sent without being asked for: Reply.Rest
}

// MessageKind says what a message is.
type MessageKind uint8

const (
	Text     MessageKind = iota
	Follow               // began to follow the account; Text holds the scene of a QR code, if there was one
	Unfollow             // stopped to follow the account: what is stored about them is deleted
	Tap                  // tapped on the menu: Text holds its key
	Scan                 // scanned a QR code: Text holds its scene
	Returned             // the person who had taken over has ended their part of the conversation
	Unheard              // a voice message without its words
	Picture              // an image, a sticker, a video: something to look at
	Place                // a location
	Link                 // a link or a card
	Ignored              // nothing that wants an answer
)

// Reply is the answer to a message. As JSON it is the object that `zizhi ask
// --json` prints and the staff API answers with.
type Reply struct {
	Question string           `json:"q"`
	Kind     match.Kind       `json:"kind"`
	Rows     []string         `json:"rows"`             // keys of rows, best first; never nil
	Have     []string         `json:"have,omitzero"`    // with gap: documents that the person holds
	Missing  []string         `json:"missing,omitzero"` // with gap: the shortest way to be complete; empty: it is
	Score    float64          `json:"score"`
	Why      []match.Evidence `json:"why,omitempty"`
	Edition  string           `json:"edition"`
	Text     string           `json:"reply"` // what the person reads; empty: nothing is to be said
	Transfer bool             `json:"-"`     // hand the conversation over to a person
	Rest     []string         `json:"-"`     // with Message.Push: the further parts, to be sent after Text; 继续 brings them too
	Unkept   bool             `json:"-"`     // the memory holds nothing of it: it failed, or was not asked
}
