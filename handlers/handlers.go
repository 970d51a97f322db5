// Package handlers is the ways in: WeChat's webhook, the staff API, the chat
// page, health and metrics.
//
// Its one rule: nothing from a stranger is believed. Method, size, signature,
// freshness and mode are checked before a byte of a message is parsed; who is
// not known to be staff gets no staff page.
//
// The package knows neither tables nor Redis: it hands messages to bot.Bot.
package handlers

import (
	"log/slog"
	"net/http"
	"sync"
	"time"

	"zizhi/bot"
	"zizhi/bot/reload"
	"zizhi/handlers/wechat"
	"zizhi/handlers/wechat/account"
)

// Service is everything that is served.
type Service struct {
	Bot        *bot.Bot
	Reloader   *reload.Reloader // nil: the table stays as it is
	Door       *wechat.Door     // nil: no token is configured, and /wechat says so
	Account    *account.Account // sends further parts of long answers; nil: they wait for 继续
	StaffToken string           // empty: staff routes answer this machine only
	Metrics    *Metrics
	Log        *slog.Logger
	LogText    bool // log what people write
	Limits     Limits

	pushes sync.WaitGroup // of further parts, see push.go
}

// Limits of messages in work at once; see gate.go.
type Limits struct {
	Stateful  int // answered with their conversation
	Stateless int // beyond those, answered without; whoever comes on top is shed
}

// DefaultLimits were measured on two cores: about 2,500 messages a second are
// answered there, so a hundred in work are 40 ms of queue.
var DefaultLimits = Limits{Stateful: 256, Stateless: 256}

// Handler lays out every route.
func (s *Service) Handler() http.Handler {
	mux := http.NewServeMux()
	gate := newGate(s.Limits, s.Metrics)
	mux.Handle("/wechat", s.guarded(&webhook{Service: s, door: s.Door, gate: gate, push: s.newPusher()}))
	mux.Handle("POST /api/ask", s.staffOnly(http.HandlerFunc(s.ask)))
	if s.Reloader != nil {
		mux.Handle("POST /api/reload", s.staffOnly(http.HandlerFunc(s.reload)))
	}
	mux.Handle("GET /api/journal", s.staffOnly(http.HandlerFunc(s.journal)))
	mux.Handle("POST /chat", s.staffOnly(s.newChat(gate)))
	mux.Handle("GET /metrics", s.staffOnly(s.Metrics.handler()))
	s.tableRoutes(mux)
	mux.HandleFunc("GET /healthz", s.healthz)
	mux.HandleFunc("GET /readyz", s.readyz)
	mux.Handle("/", s.staffOnly(pages()))
	return secureHeaders(mux)
}

// Server is an http.Server that cuts off whoever dawdles. WeChat itself closes
// a connection after five seconds.
func Server(h http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 3 * time.Second,
		ReadTimeout:       5 * time.Second,
		WriteTimeout:      10 * time.Second,
		IdleTimeout:       60 * time.Second,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
}

// secureHeaders lets pages load nothing from elsewhere and be framed by nobody.
func secureHeaders(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		next.ServeHTTP(w, r)
	})
}

// guarded turns a panic into "no reply": WeChat must get neither an error nor silence.
func (s *Service) guarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if p := recover(); p != nil {
				s.Metrics.panics.Inc()
				s.Log.Error("a handler panicked; answered with success", "panic", p)
				writeSuccess(w)
			}
		}()
		next.ServeHTTP(w, r)
	})
}
