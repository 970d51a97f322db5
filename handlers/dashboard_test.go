package handlers_test

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/VictoriaMetrics/metricsql"
	"github.com/prometheus/client_golang/prometheus"
	"go.yaml.in/yaml/v3"

	"zizhi/handlers"
)

// The dashboard and the alert rules parse, and ask only for metrics that exist.
func TestDashboardAndAlerts(t *testing.T) {
	exposed := exposedMetrics(t)
	for _, expr := range append(dashboardQueries(t), alertQueries(t)...) {
		if _, err := metricsql.Parse(expr); err != nil {
			t.Errorf("%s: %v", expr, err)
		}
		for _, name := range metricsIn(expr) {
			if !exposed[name] {
				t.Errorf("%s: there is no metric %s", expr, name)
			}
		}
	}
}

// Everything that the service counts is on the dashboard.
func TestDashboardIsComplete(t *testing.T) {
	shown := map[string]bool{}
	for _, expr := range dashboardQueries(t) {
		for _, name := range metricsIn(expr) {
			shown[name] = true
		}
	}
	for name := range exposedMetrics(t) {
		if !shown[name] {
			t.Errorf("deploy/grafana.json does not show %s", name)
		}
	}
}

// metricsIn are the service's own metrics in a query.
func metricsIn(expr string) []string {
	names := regexp.MustCompile(`zizhi_[a-z_]+`).FindAllString(expr, -1)
	for i, name := range names {
		names[i] = strings.TrimSuffix(name, "_bucket")
	}
	return names
}

// exposedMetrics are the service's own metrics, whether anything has been counted or not.
func exposedMetrics(t *testing.T) map[string]bool {
	metrics := handlers.NewMetrics()
	none := func() uint64 { return 0 }
	metrics.Store(none, none)
	described := make(chan *prometheus.Desc)
	go func() {
		metrics.Registry.Describe(described)
		close(described)
	}()
	names := map[string]bool{}
	for desc := range described {
		if found := regexp.MustCompile(`fqName: "(zizhi_[a-z_]+)"`).FindStringSubmatch(desc.String()); found != nil {
			names[found[1]] = true
		}
	}
	if len(names) < 15 {
		t.Fatalf("only %d metrics are described: %v", len(names), names)
	}
	return names
}

func dashboardQueries(t *testing.T) []string {
	data, err := os.ReadFile("../deploy/grafana.json")
	if err != nil {
		t.Fatal(err)
	}
	var dashboard struct {
		Panels []struct {
			Title   string
			Targets []struct{ Expr string }
		}
	}
	if err := json.Unmarshal(data, &dashboard); err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, panel := range dashboard.Panels {
		if len(panel.Targets) == 0 {
			t.Errorf("panel %q asks for nothing", panel.Title)
		}
		for _, target := range panel.Targets {
			all = append(all, target.Expr)
		}
	}
	return all
}

func alertQueries(t *testing.T) []string {
	data, err := os.ReadFile("../deploy/alerts.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Groups []struct {
			Name  string `yaml:"name"`
			Rules []struct {
				Alert       string            `yaml:"alert"`
				Expr        string            `yaml:"expr"`
				For         string            `yaml:"for"`
				Labels      map[string]string `yaml:"labels"`
				Annotations map[string]string `yaml:"annotations"`
			} `yaml:"rules"`
		} `yaml:"groups"`
	}
	decoder := yaml.NewDecoder(strings.NewReader(string(data)))
	decoder.KnownFields(true)
	if err := decoder.Decode(&file); err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, group := range file.Groups {
		for _, rule := range group.Rules {
			if rule.Alert == "" || rule.Annotations["action"] == "" {
				t.Errorf("%+v: an alert needs a name and an action", rule)
			}
			all = append(all, rule.Expr)
		}
	}
	return all
}
