package redis

import (
	"strings"
	"testing"
	"time"

	"zizhi/bot/redis/redistest"
)

func TestFacts(t *testing.T) {
	server := redistest.Start(t, "--maxmemory", "64mb", "--maxmemory-policy", "allkeys-lru")
	all, err := open(t, "redis://"+server.Addr).Facts(t.Context())
	if err != nil || len(all) != 1 {
		t.Fatalf("%+v, %v", all, err)
	}
	f := all[0]
	if f.Addr != server.Addr || f.MaxMemory != 64<<20 || f.Policy != "allkeys-lru" || f.Used <= 0 || f.Used > f.MaxMemory {
		t.Errorf("got %+v", f)
	}
	if !strings.Contains(server.Do("INFO", "server"), "redis_version:"+f.Version+"\r\n") || f.Version == "" {
		t.Errorf("version %q is not the server's", f.Version)
	}
	if f.Latency <= 0 || f.Latency >= Patience {
		t.Errorf("latency %v", f.Latency)
	}
}

func TestFactsOfACluster(t *testing.T) {
	cluster := redistest.StartCluster(t)
	for _, node := range cluster.Nodes {
		node.Set("maxmemory", "32mb")
	}
	all, err := open(t, "redis://"+strings.Join(cluster.Addrs(), ",")).Facts(t.Context())
	if err != nil || len(all) != 3 {
		t.Fatalf("%+v, %v, want three masters", all, err)
	}
	for i, f := range all {
		if f.MaxMemory != 32<<20 || f.Version == "" || i > 0 && f.Addr <= all[i-1].Addr {
			t.Errorf("got %+v", all)
		}
	}
}

func TestFactsWithoutAnAnswer(t *testing.T) {
	server := redistest.Start(t)
	m := open(t, "redis://"+server.Addr)
	server.Do("ACL", "SETUSER", "default", "-info")
	if all, err := m.Facts(t.Context()); err == nil || !strings.Contains(err.Error(), "info") {
		t.Errorf("INFO is denied: %+v, %v", all, err)
	}
	server.Pause()
	defer server.Resume()
	began := time.Now()
	if all, err := m.Facts(t.Context()); err == nil {
		t.Errorf("a server that hangs: %+v", all)
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("it took %v", took)
	}
	var f Facts
	if err := f.read("maxmemory:lots\r\n"); err == nil {
		t.Errorf("read %+v", f)
	}
}
