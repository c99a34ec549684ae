package provider_test

import (
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator/emulatortest"
)

// quiet takes what servers say of connections that were cut on purpose.
var quiet = log.New(io.Discard, "", 0)

// switchedListener is where an instance listens. While it is shut, connections are refused.
type switchedListener struct {
	t        testing.TB
	handler  http.Handler
	url      string
	mu       sync.Mutex
	listener net.Listener
}

func newListener(t testing.TB, instance *emulatortest.Instance) *switchedListener {
	t.Helper()

	d := &switchedListener{t: t, url: instance.URL, handler: instance.Server}
	d.listen("127.0.0.1:0")
	d.url = "http://" + d.listener.Addr().String()
	t.Cleanup(d.shut)

	return d
}

func (d *switchedListener) listen(address string) {
	listener, err := new(net.ListenConfig).Listen(bg, "tcp", address)
	if err != nil {
		d.t.Errorf("listening again: %s", err)

		return
	}

	d.listener = listener
	server := httptest.NewUnstartedServer(d.handler)
	_ = server.Listener.Close()
	server.Listener = listener
	server.Config.ErrorLog = quiet
	// A connection that stays open would go on through a shut listener.
	server.Config.SetKeepAlivesEnabled(false)
	server.Start()
	d.t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
	})
}

func (d *switchedListener) open() {
	d.mu.Lock()
	defer d.mu.Unlock()

	if d.listener == nil {
		d.listen(strings.TrimPrefix(d.url, "http://"))
	}
}

func (d *switchedListener) shut() {
	d.mu.Lock()
	defer d.mu.Unlock()

	if d.listener != nil {
		_ = d.listener.Close()
		d.listener = nil
	}
}
