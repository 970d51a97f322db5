package handlers_test

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/VictoriaMetrics/metricsql"
	"go.yaml.in/yaml/v3"

	"zizhi/handlers"
)

// The dashboard and the alert rules parse, and ask only for metrics that exist.
func TestDashboardAndAlerts(t *testing.T) {
	known := metricNames(t)
	for _, expr := range append(dashboardQueries(t), alertQueries(t)...) {
		if _, err := metricsql.Parse(expr); err != nil {
			t.Errorf("%s: %v", expr, err)
		}
		for _, name := range regexp.MustCompile(`zizhi_[a-z_]+`).FindAllString(expr, -1) {
			if !known[strings.TrimSuffix(name, "_bucket")] {
				t.Errorf("%s: there is no metric %s", expr, name)
			}
		}
	}
}

// metricNames are those that the service describes, whether anything has been counted or not.
func metricNames(t *testing.T) map[string]bool {
	names := map[string]bool{}
	for _, name := range handlers.NewMetrics().Names() {
		names[name] = true
	}
	if len(names) == 0 {
		t.Fatal("no metrics")
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
