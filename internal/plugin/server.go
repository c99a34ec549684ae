package plugin

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// server has the methods that a CLI calls.
type server interface {
	tfprotov6.ProviderServer
	tfprotov6.ListResourceServer
}

// newServer returns a function that makes a server for the provider, as tf6server wants it.
func newServer(newProvider func() provider.Provider) func() tfprotov6.ProviderServer {
	return func() tfprotov6.ProviderServer {
		served := providerserver.NewProtocol6(newProvider())()
		if s, ok := served.(server); ok {
			return releasingServer{s}
		}

		return served
	}
}

// releasingServer releases the context of each call when the call returns. The
// framework's server keeps every context until the process ends, so that Stop can
// cancel it, and with it the call's loggers and stream: some tens of megabytes for a
// thousand resources. It wraps the calls that are made once or more for each resource
// of a configuration.
type releasingServer struct {
	server
}

func (s releasingServer) ValidateResourceConfig(
	ctx context.Context, req *tfprotov6.ValidateResourceConfigRequest,
) (*tfprotov6.ValidateResourceConfigResponse, error) {
	return callReleasing(ctx, req, s.server.ValidateResourceConfig)
}

func (s releasingServer) UpgradeResourceState(
	ctx context.Context, req *tfprotov6.UpgradeResourceStateRequest,
) (*tfprotov6.UpgradeResourceStateResponse, error) {
	return callReleasing(ctx, req, s.server.UpgradeResourceState)
}

func (s releasingServer) UpgradeResourceIdentity(
	ctx context.Context, req *tfprotov6.UpgradeResourceIdentityRequest,
) (*tfprotov6.UpgradeResourceIdentityResponse, error) {
	return callReleasing(ctx, req, s.server.UpgradeResourceIdentity)
}

func (s releasingServer) ReadResource(
	ctx context.Context, req *tfprotov6.ReadResourceRequest,
) (*tfprotov6.ReadResourceResponse, error) {
	return callReleasing(ctx, req, s.server.ReadResource)
}

func (s releasingServer) PlanResourceChange(
	ctx context.Context, req *tfprotov6.PlanResourceChangeRequest,
) (*tfprotov6.PlanResourceChangeResponse, error) {
	return callReleasing(ctx, req, s.server.PlanResourceChange)
}

func (s releasingServer) ApplyResourceChange(
	ctx context.Context, req *tfprotov6.ApplyResourceChangeRequest,
) (*tfprotov6.ApplyResourceChangeResponse, error) {
	return callReleasing(ctx, req, s.server.ApplyResourceChange)
}

func (s releasingServer) ImportResourceState(
	ctx context.Context, req *tfprotov6.ImportResourceStateRequest,
) (*tfprotov6.ImportResourceStateResponse, error) {
	return callReleasing(ctx, req, s.server.ImportResourceState)
}

func (s releasingServer) ReadDataSource(
	ctx context.Context, req *tfprotov6.ReadDataSourceRequest,
) (*tfprotov6.ReadDataSourceResponse, error) {
	return callReleasing(ctx, req, s.server.ReadDataSource)
}

// callReleasing makes one call with a context that is released when the call returns.
func callReleasing[Req, Resp any](ctx context.Context, req Req, call func(context.Context, Req) (Resp, error)) (Resp, error) {
	releasable := newReleasable(ctx)
	defer releasable.release()

	return call(releasable, req)
}

// releasableContext is a context that can be released while others still hold it.
type releasableContext struct {
	parent atomic.Pointer[context.Context]
}

// canceled is the parent of every released context.
var canceled = func() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()

	return ctx
}()

func newReleasable(parent context.Context) *releasableContext {
	ctx := &releasableContext{}
	ctx.parent.Store(&parent)

	return ctx
}

func (c *releasableContext) release() { c.parent.Store(&canceled) }

func (c *releasableContext) Deadline() (time.Time, bool) { return (*c.parent.Load()).Deadline() }

func (c *releasableContext) Done() <-chan struct{} { return (*c.parent.Load()).Done() }

func (c *releasableContext) Err() error { return (*c.parent.Load()).Err() }

func (c *releasableContext) Value(key any) any { return (*c.parent.Load()).Value(key) }
