package redis

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

const forms = "write redis://host:6379, or redis://host1:6379,host2:6379 for a Cluster, or redis-sentinel://host1:26379,host2:26379/mastername"

// scheme is what the beginning of an address says.
type scheme struct {
	tls, sentinel bool
	port          string // where none is written
}

var schemes = map[string]scheme{
	"redis":           {port: "6379"},
	"rediss":          {port: "6379", tls: true},
	"redis-sentinel":  {port: "26379", sentinel: true},
	"rediss-sentinel": {port: "26379", sentinel: true, tls: true},
}

// parse turns an address (for its forms see Open) into options of the library:
// with the name of a master for Sentinel, else with several hosts for a Cluster.
func parse(text string) (*redis.UniversalOptions, error) {
	name, rest, found := strings.Cut(text, "://")
	scheme, known := schemes[strings.ToLower(name)]
	if !found || !known {
		return nil, errors.New("redis address: it must begin with redis://, rediss:// (with TLS), redis-sentinel:// or rediss-sentinel://: " + forms)
	}
	end := strings.IndexAny(rest+"/", "/?#")
	hosts, tail := rest[:end], rest[end:]
	login := strings.LastIndex(hosts, "@") + 1
	u, err := url.Parse("redis://" + hosts[:login] + "host" + tail) // it does not read several hosts: one stands for them
	if err != nil || u.Fragment != "" || strings.Contains(tail, "@") {
		return nil, errors.New("redis address: it cannot be read. In a user or password write %40 for @, %3A for :, %2F for /, %3F for ?, %23 for # and %25 for %")
	}
	o := options()
	o.Username = u.User.Username()
	o.Password, _ = u.User.Password()
	if scheme.tls {
		o.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	if o.Addrs, err = parseHosts(hosts[login:], scheme.port); err != nil {
		return nil, err
	}
	if scheme.sentinel {
		return o, parseSentinel(o, u)
	}
	return o, parseDatabase(o, strings.Trim(u.Path, "/"), u.Query(), nil)
}

// parseHosts reads "host:port,host:port"; a port may be missing.
func parseHosts(list, defaultPort string) ([]string, error) {
	var hosts []string
	for i, item := range strings.Split(list, ",") {
		host, port, err := net.SplitHostPort(item)
		if err != nil {
			host, port, err = net.SplitHostPort(item + ":" + defaultPort)
		}
		n, badPort := strconv.ParseUint(port, 10, 16)
		if err != nil || host == "" || badPort != nil || n == 0 {
			return nil, fmt.Errorf("redis address: number %d of the hosts is not of the form host:port: %s", i+1, forms)
		}
		hosts = append(hosts, net.JoinHostPort(host, port))
	}
	return hosts, nil
}

// parseSentinel reads "/mastername?db=0&sentinel_user=…&sentinel_password=…".
func parseSentinel(o *redis.UniversalOptions, u *url.URL) error {
	o.MasterName = strings.Trim(u.Path, "/")
	if o.MasterName == "" || strings.Contains(o.MasterName, "/") {
		return errors.New("redis address: with Sentinel the name of the master follows the hosts: write redis-sentinel://host1:26379,host2:26379/mastername")
	}
	query := u.Query()
	o.SentinelUsername, o.SentinelPassword = query.Get("sentinel_user"), query.Get("sentinel_password")
	return parseDatabase(o, query.Get("db"), query, []string{"db", "sentinel_user", "sentinel_password"})
}

// parseDatabase reads the number of the database, and refuses options that nobody reads.
func parseDatabase(o *redis.UniversalOptions, number string, query url.Values, known []string) error {
	for option := range query {
		if !slices.Contains(known, option) {
			return fmt.Errorf("redis address: unknown option %q after the question mark: leave it out (only Sentinel has options: db, sentinel_user, sentinel_password)", option)
		}
	}
	if number == "" {
		return nil
	}
	n, err := strconv.ParseUint(number, 10, 16)
	if err != nil {
		return fmt.Errorf("redis address: the database must be a number such as 0, not %q", number)
	}
	o.DB = int(n)
	if len(o.Addrs) > 1 && o.MasterName == "" && n != 0 {
		return errors.New("redis address: a Cluster (several hosts) has database 0 alone: leave the number out")
	}
	return nil
}

// options differ from the library's defaults, which wait 5 s for an answer and
// try again for seconds (openWith says how long instead): a reply is due within one second in all.
func options() *redis.UniversalOptions {
	return &redis.UniversalOptions{
		ContextTimeoutEnabled: true,
		MaxRetries:            -1, // a Cluster is still followed to where a slot has moved
		MinRetryBackoff:       time.Millisecond,
		MaxRetryBackoff:       10 * time.Millisecond,
		DialerRetries:         1,
		PoolSize:              64, // to a node; two cores keep few busy, but over a slow network more are under way
		PipelinePoolSize:      -1, // pipelines here are small: no pool of their own
		DisableIdentity:       true,
		// Spares new connections a question that only hosted Redis understands.
		MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
	}
}

// connect returns a client that has a guard before each node.
func connect(o *redis.UniversalOptions, c *counts) redis.UniversalClient {
	if o.MasterName == "" && len(o.Addrs) > 1 {
		cluster := o.Cluster()
		cluster.ClusterStateReloadInterval = time.Second // by default a minute, which UniversalOptions cannot change
		client := redis.NewClusterClient(cluster)
		client.OnNewNode(func(node *redis.Client) { node.AddHook(newGuard(c)) })
		return client
	}
	var client *redis.Client
	if o.MasterName != "" {
		client = redis.NewFailoverClient(o.Failover())
	} else {
		client = redis.NewClient(o.Simple())
	}
	client.AddHook(newGuard(c))
	return client
}
