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

// keepsContext reports whether a server still holds the context of a call that has returned.
func keepsContext(t *testing.T, server tfprotov6.ProviderServer) bool {
	t.Helper()

	pointer := func() weak.Pointer[[64]byte] {
		value := new([64]byte)
		// A bad request is answered early, but not before its context is kept.
		_, err := server.ReadResource(context.WithValue(t.Context(), key{}, value), &tfprotov6.ReadResourceRequest{TypeName: "none"})
		if err != nil {
			t.Fatal(err)
		}

		return weak.Make(value)
	}()

	runtime.GC()

	kept := pointer.Value() != nil

	runtime.KeepAlive(server)

	return kept
}

func TestReleasingServer_releasesContexts(t *testing.T) {
	t.Parallel()

	if keepsContext(t, newServer(provider.New("test"))()) {
		t.Error("the context of a call stays when the call has returned")
	}

	// When the framework releases them itself, releasingServer has no purpose any more.
	if !keepsContext(t, providerserver.NewProtocol6(provider.New("test")())()) {
		t.Error("the framework releases contexts itself: remove the type releasingServer")
	}
}

// A server that hides the list resources would break queries without an error.
func TestServer_listResources(t *testing.T) {
	t.Parallel()

	served := newServer(provider.New("test"))()
	if _, ok := served.(server); !ok {
		t.Fatal("list resources are not served")
	}

	if _, ok := served.(releasingServer); !ok {
		t.Error("contexts are not released")
	}
}

// fakeServer is a server whose ReadResource is a function.
type fakeServer struct {
	server
	read func(context.Context)
}

func (s fakeServer) ReadResource(ctx context.Context, _ *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	s.read(ctx)

	return &tfprotov6.ReadResourceResponse{}, nil
}

func TestReleasingServer_context(t *testing.T) {
	t.Parallel()

	ctx, cancel := context.WithCancelCause(context.WithValue(t.Context(), key{}, "value"))

	var kept context.Context

	server := releasingServer{fakeServer{read: func(ctx context.Context) {
		kept = ctx

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

	if kept.Value(key{}) != nil || kept.Err() == nil {
		t.Errorf("after the call: value %v, error %v", kept.Value(key{}), kept.Err())
	}
}
