package handlers

import (
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"zizhi/bot"
	"zizhi/bot/reload"
)

// Metrics counts what happens, for Prometheus.
type Metrics struct {
	Registry *prometheus.Registry

	messages     *prometheus.CounterVec // by type and event
	latency      prometheus.Histogram   // seconds from the request to the sealed reply
	replies      *prometheus.CounterVec // new answers, by kind
	repeats      prometheus.Counter     // further deliveries that got the standing answer
	refused      *prometheus.CounterVec // deliveries, by reason
	overload     *prometheus.CounterVec // messages beyond a limit, by what became of them
	memory       *prometheus.CounterVec // failures of the memory, by operation
	panics       prometheus.Counter
	degraded     prometheus.Gauge       // 1 while the memory fails
	reloads      *prometheus.CounterVec // of the table, by outcome
	tableRefused prometheus.Gauge       // 1 while what stands in ZIZHI_DATA is refused
	renewals     *prometheus.CounterVec // of the access token, by what became of them
	pushed       *prometheus.CounterVec // customer-service messages, by what became of them
	connections  prometheus.Gauge       // open
	dropped      prometheus.Counter     // connections closed for others, see connections.go
}

// NewMetrics makes the metrics with a registry of their own.
func NewMetrics() *Metrics {
	m := &Metrics{Registry: prometheus.NewRegistry()}
	m.messages = m.counter("messages_total", "Messages that WeChat delivered.", "type", "event")
	m.replies = m.counter("replies_total", "New answers.", "kind")
	m.refused = m.counter("refused_total", "Deliveries refused.", "reason")
	m.overload = m.counter("overload_total", "Messages beyond a limit: answered without state, shed, or of a person who writes too fast.", "outcome")
	m.memory = m.counter("memory_failures_total", "Answers given without the memory, by the operation that failed.", "operation")
	m.repeats = m.counter("repeats_total", "Further deliveries of a message, answered with the answer that stands.").WithLabelValues()
	m.panics = m.counter("panics_total", "Panics that were caught.").WithLabelValues()
	m.renewals = m.counter("token_renewals_total", "Requests to WeChat for an access token.", "outcome")
	m.pushed = m.counter("customer_messages_total", "Further parts of long answers as customer-service messages: sent, failed, or too many at once.", "outcome")
	m.dropped = m.counter("connections_dropped_total", "Idle connections closed to make room for others.").WithLabelValues()
	m.reloads = m.counter("reloads_total", "Reloads of ZIZHI_DATA: loaded, unchanged, or refused for a fault.", "outcome")
	m.tableRefused = m.gauge("table_refused", "1 while ZIZHI_DATA has a fault and what stood there before answers.")
	m.degraded = m.gauge("degraded", "1 while answers are given without the memory.")
	m.connections = m.gauge("connections", "Connections open now, at most ZIZHI_CONNECTIONS.")
	m.latency = prometheus.NewHistogram(prometheus.HistogramOpts{Namespace: "zizhi", Name: "reply_seconds", Help: "From the delivery to the sealed reply.",
		Buckets: []float64{.0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5}})
	m.Registry.MustRegister(m.latency, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

func (m *Metrics) counter(name, help string, labels ...string) *prometheus.CounterVec {
	c := prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "zizhi", Name: name, Help: help}, labels)
	m.Registry.MustRegister(c)
	return c
}

func (m *Metrics) gauge(name, help string) prometheus.Gauge {
	g := prometheus.NewGauge(prometheus.GaugeOpts{Namespace: "zizhi", Name: name, Help: help})
	m.Registry.MustRegister(g)
	return g
}

// Store counts the trips to a store outside, such as Redis, from its own totals.
func (m *Metrics) Store(trips, failed func() uint64) {
	for name, total := range map[string]func() uint64{"redis_trips_total": trips, "redis_errors_total": failed} {
		m.Registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Namespace: "zizhi", Name: name, Help: "Since start."},
			func() float64 { return float64(total()) }))
	}
}

// Reloaded counts a reload of the table.
func (m *Metrics) Reloaded(r reload.Report) {
	m.reloads.WithLabelValues(string(r.Outcome)).Inc()
	m.tableRefused.Set(0)
	if r.Outcome == reload.Refused {
		m.tableRefused.Set(1)
	}
}

// TokenRenewed counts an access token fetched from WeChat, or not fetched.
func (m *Metrics) TokenRenewed(err error) {
	outcome := "fetched"
	if err != nil {
		outcome = "failed"
	}
	m.renewals.WithLabelValues(outcome).Inc()
}

func (m *Metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.Registry, promhttp.HandlerOpts{})
}

// knownTypes keeps strangers from inventing label values.
var knownTypes = map[string]bool{"text": true, "image": true, "voice": true, "video": true, "shortvideo": true, "location": true, "link": true,
	"miniprogrampage": true, "event": true, "subscribe": true, "unsubscribe": true, "SCAN": true, "CLICK": true, "VIEW": true, "LOCATION": true}

func known(label string) string {
	if label == "" || knownTypes[label] {
		return label
	}
	return "other"
}

func (m *Metrics) answered(kind, event string, _ bot.Reply, took time.Duration) {
	m.messages.WithLabelValues(known(kind), known(event)).Inc()
	m.latency.Observe(took.Seconds())
}

// Events are the bot's events, counted. When the memory begins to fail, and when
// it keeps something again, the log says so.
func (m *Metrics) Events(log *slog.Logger) bot.Events {
	var failing atomic.Bool
	return bot.Events{
		Answered: func(r bot.Reply) { m.replies.WithLabelValues(string(r.Kind)).Inc() },
		Repeated: m.repeats.Inc,
		TooFast:  m.overload.WithLabelValues("too fast").Inc,
		Degraded: func(op string, err error) {
			m.memory.WithLabelValues(op).Inc()
			m.degraded.Set(1)
			if !failing.Swap(true) {
				log.Warn("the memory fails; answers are given without it", "operation", op, "error", err)
			}
		},
		Restored: func() {
			m.degraded.Set(0)
			if failing.CompareAndSwap(true, false) {
				log.Info("the memory keeps answers again")
			}
		},
	}
}
