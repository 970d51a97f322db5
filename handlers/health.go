package handlers

import (
	"context"
	"net/http"
	"time"
)

// healthz says that the process lives.
func (s *Service) healthz(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, map[string]string{"status": "ok"})
}

// readyz says whether messages can be answered, and with what. Without its
// memory the bot still answers, so it stays ready and says degraded.
func (s *Service) readyz(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 500*time.Millisecond)
	defer cancel()
	expert := s.Bot.Expert()
	state := map[string]any{"status": "ready", "edition": expert.Edition.ID, "checksum": expert.Base.Checksum, "wechat": s.Door != nil}
	if err := s.Bot.Memory.Ping(ctx); err != nil {
		state["status"] = "degraded"
		state["memory"] = "conversations are not remembered: the store does not answer"
	}
	writeJSON(w, state)
}
