package handlers

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"
)

// staffOnly lets staff in: whoever shows the staff token, or, where none is
// configured, whoever sits at this machine.
func (s *Service) staffOnly(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case s.StaffToken == "" && fromHere(r), s.StaffToken != "" && s.showsToken(r):
			next.ServeHTTP(w, r)
		case s.StaffToken == "":
			http.Error(w, "only from this machine; set ZIZHI_STAFF_TOKEN to open it to others", http.StatusForbidden)
		default:
			w.Header().Set("WWW-Authenticate", `Basic realm="zizhi", charset="UTF-8"`)
			http.Error(w, "show the staff token: Authorization: Bearer …, or any name with the token as password", http.StatusUnauthorized)
		}
	})
}

func (s *Service) showsToken(r *http.Request) bool {
	shown, bearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !bearer {
		_, shown, _ = r.BasicAuth()
	}
	// Hashes have one length, so that the comparison tells nothing of the token's.
	a, b := sha256.Sum256([]byte(shown)), sha256.Sum256([]byte(s.StaffToken))
	return subtle.ConstantTimeCompare(a[:], b[:]) == 1
}

// fromHere reports whether a request comes from this machine and not through a
// proxy on it, and was meant for it (a page elsewhere could point its own name here).
func fromHere(r *http.Request) bool {
	for _, header := range []string{"Forwarded", "X-Forwarded-For", "X-Real-Ip"} {
		if r.Header.Get(header) != "" {
			return false
		}
	}
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	return err == nil && peer.Addr().Unmap().IsLoopback() && namesThisMachine(r.Host)
}

func namesThisMachine(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	addr, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return host == "localhost" || err == nil && addr.IsLoopback()
}

// question is what the staff API is asked.
type question struct {
	Q       string   `json:"q"`
	History []string `json:"history"` // earlier messages of the same person, oldest first
}

const longestHistory = 20

// ask answers a question of staff with the object that `zizhi ask --json` prints.
func (s *Service) ask(w http.ResponseWriter, r *http.Request) {
	var q question
	decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, largestBody))
	if err := decoder.Decode(&q); err != nil || q.Q == "" || len(q.History) > longestHistory {
		http.Error(w, `write {"q":"…","history":["earlier message",…]}, at most 20 earlier messages`, http.StatusBadRequest)
		return
	}
	writeJSON(w, s.Bot.Converse(append(q.History, q.Q), time.Now()))
}

const journalLines = 100

// journal lists the newest questions with what they were taken for, newest
// first, one JSON object a line (bot.Line): for whoever looks after the
// wordings, and for a person who takes a conversation over.
func (s *Service) journal(w http.ResponseWriter, r *http.Request) {
	lines, err := s.Bot.Memory.Journal(r.Context(), journalLines)
	if err != nil {
		http.Error(w, "the journal cannot be read now: the store does not answer", http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Type", "application/x-ndjson; charset=utf-8")
	for _, line := range lines {
		w.Write(append(line, '\n'))
	}
}

func writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.Encode(v)
}
