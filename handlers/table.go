package handlers

import (
	"net/http"
	"strings"
)

// tableRoutes lays out the table browser: its page, and what it asks for. An
// edition that is not named is the one that answers first; one that does not
// exist is a 404 that says which do.
func (s *Service) tableRoutes(mux *http.ServeMux) {
	mux.Handle("GET /table", s.staffOnly(tablePage()))
	mux.Handle("GET /api/table", s.staffOnly(http.HandlerFunc(s.table)))
	mux.Handle("GET /api/table/search", s.staffOnly(http.HandlerFunc(s.tableSearch)))
	mux.Handle("GET /api/table/compare", s.staffOnly(http.HandlerFunc(s.tableCompare)))
}

// tablePage serves table.html, to whoever leaves out the .html too.
func tablePage() http.Handler {
	files := pages()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r = r.Clone(r.Context())
		r.URL.Path = "/table.html"
		files.ServeHTTP(w, r)
	})
}

// table answers ?edition=… with its rows: a bot.Table.
func (s *Service) table(w http.ResponseWriter, r *http.Request) {
	table, err := s.Bot.Expert().Table(r.FormValue("edition"))
	if err != nil {
		http.Error(w, err.Error(), http.StatusNotFound)
		return
	}
	writeJSON(w, table)
}

// tableSearch answers ?edition=…&q=… with the rows that are meant, best first: an array of bot.Hit.
func (s *Service) tableSearch(w http.ResponseWriter, r *http.Request) {
	hits, err := s.Bot.Expert().Search(r.FormValue("edition"), strings.ToValidUTF8(r.FormValue("q"), "\ufffd"))
	if err != nil {
		http.Error(w, err.Error(), http.StatusNotFound)
		return
	}
	writeJSON(w, hits)
}

// tableCompare answers ?edition=…&row=…&with=… with the row beside what stands
// for it in another edition: a bot.Comparison.
func (s *Service) tableCompare(w http.ResponseWriter, r *http.Request) {
	comparison, ok, err := s.Bot.Expert().Compare(r.FormValue("edition"), r.FormValue("row"), r.FormValue("with"))
	switch {
	case err != nil:
		http.Error(w, err.Error(), http.StatusNotFound)
	case !ok:
		http.Error(w, "this edition has no such row; write its key as the table does: 社交/直播", http.StatusNotFound)
	default:
		writeJSON(w, comparison)
	}
}
