package main

import (
	"bytes"
	"io"
	"net"
	"sync/atomic"
	"testing"
)

// holder stands between an instance and its Redis and lets everything through
// until it is told to hold commits. Whoever waits for one then has claimed a
// message and not yet answered.
type holder struct {
	addr string
	held atomic.Int64 // commits that Redis has not got
	hold atomic.Bool
}

// inCommit stands in every commit, and in nothing else that answering a message sends.
var inCommit = []byte("}journal")

func newHolder(t *testing.T, redis string) *holder {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	h := &holder{addr: listener.Addr().String()}
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return // the test has ended
			}
			go h.pass(client, redis)
		}
	}()
	return h
}

func (h *holder) pass(client net.Conn, redis string) {
	defer client.Close()
	server, err := net.Dial("tcp", redis)
	if err != nil {
		return // the client sees the end of its connection
	}
	defer server.Close()
	go io.Copy(client, server)
	buffer := make([]byte, 64<<10) // more than a commit has
	for {
		n, err := client.Read(buffer)
		if err != nil {
			return
		}
		if h.hold.Load() && bytes.Contains(buffer[:n], inCommit) {
			h.held.Add(1)
			continue
		}
		if _, err := server.Write(buffer[:n]); err != nil {
			return
		}
	}
}
