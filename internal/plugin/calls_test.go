package plugin

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"weak"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/provider"
)

type key struct{}

// keeps reports whether a server still holds the context of a call that is over.
func keeps(t *testing.T, server tfprotov6.ProviderServer) bool {
	t.Helper()

	trace := func() weak.Pointer[[64]byte] {
		value := new([64]byte)
		// A bad request is answered early, but not before its context is kept.
		_, err := server.ReadResource(context.WithValue(t.Context(), key{}, value), &tfprotov6.ReadResourceRequest{TypeName: "none"})
		if err != nil {
			t.Fatal(err)
		}

		return weak.Make(value)
	}()

	runtime.GC()

	kept := trace.Value() != nil
	runtime.KeepAlive(server)

	return kept
}

func TestCalls_forgotten(t *testing.T) {
	t.Parallel()

	if keeps(t, newServer(provider.New("test"))()) {
		t.Error("the context of a call stays when the call is over")
	}

	// When the framework forgets them itself, calls has no purpose any more.
	if !keeps(t, providerserver.NewProtocol6(provider.New("test")())()) {
		t.Error("the framework forgets calls: remove the type calls")
	}
}

// A server that hides the list resources would break queries without an error.
func TestServer_listResources(t *testing.T) {
	t.Parallel()

	server := newServer(provider.New("test"))()
	if _, ok := server.(whole); !ok {
		t.Fatal("list resources are not served")
	}

	if _, ok := server.(calls); !ok {
		t.Error("calls are not forgotten")
	}
}

// reader is a server whose Read is a function.
type reader struct {
	whole
	read func(context.Context)
}

func (r reader) ReadResource(ctx context.Context, _ *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	r.read(ctx)

	return &tfprotov6.ReadResourceResponse{}, nil
}

func TestCalls_context(t *testing.T) {
	t.Parallel()

	ctx, cancel := context.WithCancelCause(context.WithValue(t.Context(), key{}, "value"))

	var left context.Context

	server := calls{reader{read: func(ctx context.Context) {
		left = ctx

		if ctx.Value(key{}) != "value" || ctx.Err() != nil {
			t.Errorf("during the call: value %v, error %v", ctx.Value(key{}), ctx.Err())
		}

		child, stop := context.WithCancel(ctx)
		defer stop()

		cancel(context.DeadlineExceeded)
		<-child.Done()

		if !errors.Is(context.Cause(child), context.DeadlineExceeded) {
			t.Errorf("cause %v", context.Cause(child))
		}
	}}}

	if _, err := server.ReadResource(ctx, nil); err != nil {
		t.Fatal(err)
	}

	if left.Value(key{}) != nil || left.Err() == nil {
		t.Errorf("after the call: value %v, error %v", left.Value(key{}), left.Err())
	}
}
