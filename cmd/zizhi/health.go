package main

import (
	"fmt"
	"net/http"
	"time"
)

// healthCommand asks the service on this machine whether it lives. It is for
// containers: an image without a shell has nothing else to ask with.
type healthCommand struct {
	Listen string `env:"ZIZHI_LISTEN" default:"127.0.0.1:8080" placeholder:"HOST:PORT" help:"Address that the service listens on."`
}

// healthWait is less than the time that the image gives its health check.
const healthWait = 2 * time.Second

func (c *healthCommand) Run() error {
	// A transport of its own knows no proxy. A host that is left out is this machine.
	client := http.Client{Transport: &http.Transport{}, Timeout: healthWait}
	answer, err := client.Get("http://" + c.Listen + "/healthz")
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", c.Listen, answer.Status)
	}
	return nil
}
