package handlers

import (
	"net/http"

	"zizhi/bot/reload"
)

// reload has the operator's folder read again: 200 with a reload.Report of what
// answers now; 422 with one that names the faults, and nothing has changed.
func (s *Service) reload(w http.ResponseWriter, _ *http.Request) {
	report := s.Reloader.Reload()
	if report.Outcome == reload.Refused {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.WriteHeader(http.StatusUnprocessableEntity)
	}
	writeJSON(w, report)
}
