package main

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os/signal"
	"syscall"
	"time"

	"zizhi/bot"
	"zizhi/bot/redis"
	"zizhi/config"
	"zizhi/handlers"
	"zizhi/handlers/wechat"
)

type serveCommand struct {
	config.Settings
}

// drain is how long messages under way may take after SIGTERM: as long as WeChat waits for an answer.
const drain = 5 * time.Second

// conversations bounds those remembered in this process where there is no Redis: about 2 KB each.
const conversations = 100_000

func (c *serveCommand) Run(std streams) error {
	if err := c.Check(); err != nil {
		return fmt.Errorf("these settings must be mended first:\n%w", err)
	}
	log := slog.New(slog.NewTextHandler(std.err, nil))
	service, done, err := c.service(log)
	if err != nil {
		return err
	}
	defer done()
	listener, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return fmt.Errorf("ZIZHI_LISTEN %s: %w", c.Listen, err)
	}
	fmt.Fprintf(std.out, "资质助手: http://%s\n", browsable(listener.Addr()))
	stop, cancel := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer cancel()
	server := handlers.Server(service.Handler(), log)
	return serveUntil(stop, server, handlers.Bound(server, listener, c.Connections, service.Metrics))
}

// browsable is the address that a browser on this machine can open.
func browsable(addr net.Addr) string {
	tcp, ok := addr.(*net.TCPAddr)
	if ok && tcp.IP.IsUnspecified() {
		return fmt.Sprintf("localhost:%d", tcp.Port)
	}
	return addr.String()
}

// serveUntil serves until stop ends, then lets messages under way finish.
func serveUntil(stop context.Context, server *http.Server, listener net.Listener) error {
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return err
	case <-stop.Done():
	}
	ctx, cancel := context.WithTimeout(context.Background(), drain)
	defer cancel()
	if err := server.Shutdown(ctx); err != nil {
		return fmt.Errorf("some messages were still under way after %v: %w", drain, err)
	}
	return nil
}

// service wires everything. done closes what it opened.
func (c *serveCommand) service(log *slog.Logger) (*handlers.Service, func(), error) {
	expert, err := c.expert()
	if err != nil {
		return nil, nil, err
	}
	expert.Others = inBackground(expert.Others)
	door, err := c.door()
	if err != nil {
		return nil, nil, err
	}
	metrics := handlers.NewMetrics()
	memory, closer, err := c.memory(metrics)
	if err != nil {
		return nil, nil, err
	}
	c.announce(log)
	service := &handlers.Service{
		Bot:  (&bot.Bot{Memory: memory, Secret: c.secret(), Pace: bot.NewPace(c.Rate), Events: metrics.Events(log)}).Teach(expert),
		Door: door, StaffToken: c.StaffToken, Metrics: metrics, Log: log, LogText: c.LogText, Limits: handlers.DefaultLimits,
	}
	if c.Messages {
		store, _ := memory.(*redis.Memory)
		service.Account = newAccount(c.Settings, store, log, metrics.TokenRenewed)
	}
	end := c.follow(service, log)
	return service, func() {
		ctx, cancel := context.WithTimeout(context.Background(), drain)
		defer cancel()
		service.Settle(ctx)
		end()
		closer.Close()
	}, nil
}

// announce says what an operator may not have meant.
func (c *serveCommand) announce(log *slog.Logger) {
	if c.Token == "" {
		log.Warn("no WECHAT_TOKEN: /wechat answers 503; the page works")
	}
	if c.Redis == "" {
		log.Warn("no REDIS_URL: conversations live in this process and end with it; run one instance only")
	}
	if c.LogText {
		log.Warn("ZIZHI_LOG_TEXT is on: what people write is logged; switch it off when you have seen enough")
	}
}

func (c *serveCommand) door() (*wechat.Door, error) {
	if c.Token == "" {
		return nil, nil
	}
	mode, err := wechat.ParseMode(c.ModeOrDefault())
	if err != nil {
		return nil, err
	}
	door := &wechat.Door{Token: c.Token, AppID: c.AppID, Mode: mode, Window: c.Window}
	for _, key := range []string{c.AESKey, c.AESKeyPrevious} {
		if key != "" {
			door.Keys = append(door.Keys, key)
		}
	}
	return door, nil
}

func (c *serveCommand) memory(metrics *handlers.Metrics) (bot.Memory, io.Closer, error) {
	if c.Redis == "" {
		return bot.NewLocal(conversations), io.NopCloser(nil), nil
	}
	memory, err := redis.Open(c.Redis)
	if err != nil {
		return nil, nil, fmt.Errorf("REDIS_URL: %w", err)
	}
	metrics.Store(func() uint64 { return memory.Stats().Trips }, func() uint64 { return memory.Stats().Errors })
	return memory, memory, nil
}

// secret keys the hashes of user ids. It follows from the account's own
// secrets, so that every instance has the same without a setting more.
func (c *serveCommand) secret() []byte {
	if c.Token == "" {
		return randomSecret()
	}
	mac := hmac.New(sha256.New, []byte("zizhi: hashes of user ids"))
	fmt.Fprintf(mac, "%s\x00%s\x00%s", c.Token, c.AppSecret, c.StaffToken)
	return mac.Sum(nil)
}
