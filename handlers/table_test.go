package handlers_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"zizhi/bot"
)

var tableRoutes = []string{"/table", "/table.html", "/api/table", "/api/table/search?q=直播", "/api/table/compare?row=社交/直播&with=2026-02"}

// fetch gets JSON that must be there.
func fetch[T any](v *visitor, path string, parameters url.Values) T {
	v.t.Helper()
	response, err := v.client.Get(v.url + path + "?" + parameters.Encode())
	if err != nil {
		v.t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	var got T
	if err := json.Unmarshal(body, &got); err != nil || response.StatusCode != http.StatusOK {
		v.t.Fatalf("GET %s %v: %d, %v in %.200s", path, parameters, response.StatusCode, err, body)
	}
	return got
}

func TestTableAPI(t *testing.T) {
	v := visit(t, pageService(t))
	table := fetch[bot.Table](v, "/api/table", nil)
	if table.Edition.ID != "2017-04" || len(table.Rows) != 45 || len(table.Editions) != 2 {
		t.Errorf("%+v with %d rows of %d editions", table.Edition, len(table.Rows), len(table.Editions))
	}
	later := fetch[bot.Table](v, "/api/table", url.Values{"edition": {"2026-02"}})
	if later.Edition.ID != "2026-02" || len(later.Rows) != 379 || !strings.Contains(later.Edition.Status, "以微信后台当前要求为准") {
		t.Errorf("%+v with %d rows", later.Edition, len(later.Rows))
	}
	hits := fetch[[]bot.Hit](v, "/api/table/search", url.Values{"q": {"zhibo"}, "edition": {"2026-02"}})
	if len(hits) == 0 || hits[0].Key != "社交/直播" {
		t.Errorf("zhibo finds %+v", hits)
	}
	comparison := fetch[bot.Comparison](v, "/api/table/compare", url.Values{"row": {"教育/驾校培训"}, "with": {"2026-02"}})
	if !comparison.Known || comparison.Same || len(comparison.There) != 1 || comparison.There[0].Key != "教育服务/驾校培训" {
		t.Errorf("%+v", comparison)
	}
}

// What finds nothing is an empty list, not null: the page goes through it.
func TestTableSearchOfOddWords(t *testing.T) {
	v := visit(t, pageService(t))
	for _, q := range []string{"", " ", "\xff\xfe", "\x00", "<script>", strings.Repeat("直播", 2000), "不存在的字样"} {
		if hits := fetch[[]bot.Hit](v, "/api/table/search", url.Values{"q": {q}}); hits == nil {
			t.Errorf("%.20q: null", q)
		}
	}
}

func TestTableRefuses(t *testing.T) {
	v := visit(t, pageService(t))
	for path, want := range map[string]int{
		"/api/table?edition=1999": 404, "/api/table/search?edition=1999&q=a": 404, "/api/table/compare": 404,
		"/api/table/compare?row=社交/直播&with=1999": 404, "/api/table/nothing": 404, "/table/": 404, "/table/x": 404,
	} {
		response, err := v.client.Get(v.url + path)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != want {
			t.Errorf("GET %s = %d, want %d", path, response.StatusCode, want)
		}
	}
	response, err := v.client.Post(v.url+"/table", "text/plain", nil)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("POST /table = %d, want 405", response.StatusCode)
	}
}

func TestTableIsForStaff(t *testing.T) {
	s := pageService(t)
	status := func(path, remote, token string) int {
		request := httptest.NewRequest(http.MethodGet, "http://localhost"+path, nil)
		request.RemoteAddr = remote
		if token != "" {
			request.Header.Set("Authorization", "Bearer "+token)
		}
		w := httptest.NewRecorder()
		s.Handler().ServeHTTP(w, request)
		return w.Code
	}
	for _, path := range tableRoutes {
		s.StaffToken = ""
		if got := status(path, "127.0.0.1:1", ""); got != http.StatusOK {
			t.Errorf("from this machine %s = %d", path, got)
		}
		if got := status(path, "203.0.113.7:1", ""); got != http.StatusForbidden {
			t.Errorf("from elsewhere %s = %d, want 403", path, got)
		}
		s.StaffToken = "secret"
		if got := status(path, "127.0.0.1:1", "guess"); got != http.StatusUnauthorized {
			t.Errorf("with a wrong token %s = %d, want 401", path, got)
		}
		if got := status(path, "203.0.113.7:1", "secret"); got != http.StatusOK {
			t.Errorf("with the token %s = %d", path, got)
		}
	}
}

// The page has an ETag at either address, as the others have.
func TestTablePageIsServed(t *testing.T) {
	v := visit(t, pageService(t))
	tags := map[string]bool{}
	for _, path := range []string{"/table", "/table.html"} {
		response, err := v.client.Get(v.url + path)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		tags[response.Header.Get("ETag")] = true
		if response.StatusCode != http.StatusOK || response.Header.Get("Content-Type") != "text/html; charset=utf-8" ||
			!strings.Contains(response.Header.Get("Content-Security-Policy"), "default-src 'self'") {
			t.Errorf("GET %s = %d %v", path, response.StatusCode, response.Header)
		}
	}
	if len(tags) != 1 || tags[""] {
		t.Errorf("ETags %v, want one", tags)
	}
}
