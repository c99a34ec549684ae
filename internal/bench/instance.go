package main

import (
	"cmp"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"net"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"time"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
)

// instance is an emulated Wallaroo instance that speaks HTTP/2 over TLS, as a real one does.
type instance struct {
	*emulator.Server
	web     *httptest.Server
	traffic *traffic
	ca      string
}

// startInstance starts an instance on which the members have accounts, and so have others with a workspace each.
func startInstance(dir string, latency time.Duration, d data, others int) (*instance, error) {
	server, err := emulator.New(emulator.Options{Latency: latency})
	if err != nil {
		return nil, err
	}
	for _, m := range d.Members {
		server.AddUser(emulator.User{Email: m.Email})
	}
	for n := range others {
		id := server.AddUser(emulator.User{Email: fmt.Sprintf("other-%05d@example.com", n)})
		server.AddWorkspace(emulator.Workspace{Name: fmt.Sprintf("other-%05d", n), Members: map[string]string{
			id: emulator.Owner, emulator.HummelID: emulator.Collaborator,
		}})
	}
	web := httptest.NewUnstartedServer(server)
	web.EnableHTTP2 = true
	web.Config.ErrorLog = log.New(io.Discard, "", 0)
	i := &instance{Server: server, web: web, traffic: &traffic{Listener: web.Listener}, ca: filepath.Join(dir, "ca.pem")}
	web.Listener = i.traffic
	web.StartTLS()
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: web.Certificate().Raw})
	if err := os.WriteFile(i.ca, certificate, 0o600); err != nil {
		i.close()
		return nil, err
	}
	return i, nil
}

func (i *instance) close() {
	i.web.CloseClientConnections()
	i.web.Close()
}

// signIn is the environment with which the provider reaches the instance.
func (i *instance) signIn() []string {
	return []string{
		"WALLAROO_URL=" + i.web.URL, "WALLAROO_CA_CERTIFICATE=" + i.ca,
		"WALLAROO_USER=" + emulator.HummelEmail, "WALLAROO_PASSWORD=" + emulator.SeedPassword,
	}
}

// reset forgets what was asked so far.
func (i *instance) reset() {
	i.ResetRequests()
	i.traffic.connections.Store(0)
	i.traffic.in.Store(0)
	i.traffic.out.Store(0)
}

// note writes what was asked since the last reset into a figure.
func (i *instance) note(f *figure) {
	requests := i.Requests()
	f.Requests = map[string]int{}
	for _, r := range requests {
		f.Requests[r.Operation]++
	}
	f.Waited, f.InARow = waited(requests).Seconds(), inARow(requests)
	f.Connections = i.traffic.connections.Load()
	f.Sent, f.Received = i.traffic.in.Load(), i.traffic.out.Load()
}

// waited is how long at least one request was under way.
func waited(requests []emulator.Request) time.Duration {
	slices.SortFunc(requests, func(a, b emulator.Request) int { return cmp.Compare(a.Start.UnixNano(), b.Start.UnixNano()) })
	var total time.Duration
	var until time.Time
	for _, r := range requests {
		from, to := r.Start, r.Start.Add(r.Duration)
		if from.Before(until) {
			from = until
		}
		if to.After(from) {
			total += to.Sub(from)
			until = to
		}
	}
	return total
}

// inARow is the most requests of which each began after the one before had ended.
func inARow(requests []emulator.Request) int {
	end := func(r emulator.Request) time.Time { return r.Start.Add(r.Duration) }
	slices.SortFunc(requests, func(a, b emulator.Request) int { return end(a).Compare(end(b)) })
	n := 0
	var until time.Time
	for _, r := range requests {
		if !r.Start.Before(until) {
			n, until = n+1, end(r)
		}
	}
	return n
}

// traffic counts connections, and the bytes on them, TLS and headers included.
type traffic struct {
	net.Listener
	connections, in, out atomic.Int64
}

func (t *traffic) Accept() (net.Conn, error) {
	conn, err := t.Listener.Accept()
	if err != nil {
		return nil, err
	}
	t.connections.Add(1)
	return &counted{Conn: conn, traffic: t}, nil
}

type counted struct {
	net.Conn
	traffic *traffic
}

func (c *counted) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.traffic.in.Add(int64(n))
	return n, err
}

func (c *counted) Write(b []byte) (int, error) {
	n, err := c.Conn.Write(b)
	c.traffic.out.Add(int64(n))
	return n, err
}
