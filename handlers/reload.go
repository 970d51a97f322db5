package handlers

import (
	"net/http"
	"time"

	"zizhi/bot/reload"
)

// longestReload is more than a busy machine takes to read every table, and more
// than Server grants other answers.
const longestReload = time.Minute

// reload has the operator's folder read again: 200 with a reload.Report of what
// answers now; 422 with one that names the faults, and nothing has changed.
func (s *Service) reload(w http.ResponseWriter, _ *http.Request) {
	// Where the connection cannot be given more time, the answer may come too late.
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(longestReload))
	report := s.Reloader.Reload()
	if report.Outcome == reload.Refused {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.WriteHeader(http.StatusUnprocessableEntity)
	}
	writeJSON(w, report)
}
