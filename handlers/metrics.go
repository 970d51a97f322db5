package handlers

import (
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"zizhi/bot"
)

// Metrics counts what happens, for Prometheus.
type Metrics struct {
	Registry *prometheus.Registry

	messages *prometheus.CounterVec // by type and event
	latency  prometheus.Histogram   // seconds from the request to the sealed reply
	replies  *prometheus.CounterVec // new answers, by kind
	repeats  prometheus.Counter     // further deliveries that got the standing answer
	refused  *prometheus.CounterVec // deliveries, by reason
	overload *prometheus.CounterVec // answered without state, or shed
	memory   *prometheus.CounterVec // failures of the memory, by operation
	panics   prometheus.Counter
}

// NewMetrics makes the metrics with a registry of their own.
func NewMetrics() *Metrics {
	m := &Metrics{Registry: prometheus.NewRegistry()}
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		c := prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "zizhi", Name: name, Help: help}, labels)
		m.Registry.MustRegister(c)
		return c
	}
	m.messages = counter("messages_total", "Messages that WeChat delivered.", "type", "event")
	m.replies = counter("replies_total", "New answers.", "kind")
	m.refused = counter("refused_total", "Deliveries refused.", "reason")
	m.overload = counter("overload_total", "Messages beyond the limit, answered without state or shed.", "outcome")
	m.memory = counter("memory_failures_total", "Answers given without the memory, by the operation that failed.", "operation")
	m.repeats = counter("repeats_total", "Further deliveries of a message, answered with the answer that stands.").WithLabelValues()
	m.panics = counter("panics_total", "Panics that were caught.").WithLabelValues()
	m.latency = prometheus.NewHistogram(prometheus.HistogramOpts{Namespace: "zizhi", Name: "reply_seconds", Help: "From the delivery to the sealed reply.",
		Buckets: []float64{.0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5}})
	m.Registry.MustRegister(m.latency, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
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

// Events are the bot's events, counted.
func (m *Metrics) Events() bot.Events {
	return bot.Events{
		Answered: func(r bot.Reply) { m.replies.WithLabelValues(string(r.Kind)).Inc() },
		Repeated: m.repeats.Inc,
		Degraded: func(op string, _ error) { m.memory.WithLabelValues(op).Inc() },
	}
}
