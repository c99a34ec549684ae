package plugin

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// whole is what the CLI asks for.
type whole interface {
	tfprotov6.ProviderServer
	tfprotov6.ListResourceServer
}

// calls is a server that forgets a call when it is over. The framework's keeps the
// context of each one, so that Stop can cancel it, until the process ends; with it
// stay the call's loggers and its stream, some tens of megabytes for a thousand
// resources. The calls here are those of which there is one or more for each resource
// of a configuration.
type calls struct {
	whole
}

func (c calls) ValidateResourceConfig(
	ctx context.Context, req *tfprotov6.ValidateResourceConfigRequest,
) (*tfprotov6.ValidateResourceConfigResponse, error) {
	return answer(ctx, req, c.whole.ValidateResourceConfig)
}

func (c calls) UpgradeResourceState(
	ctx context.Context, req *tfprotov6.UpgradeResourceStateRequest,
) (*tfprotov6.UpgradeResourceStateResponse, error) {
	return answer(ctx, req, c.whole.UpgradeResourceState)
}

func (c calls) UpgradeResourceIdentity(
	ctx context.Context, req *tfprotov6.UpgradeResourceIdentityRequest,
) (*tfprotov6.UpgradeResourceIdentityResponse, error) {
	return answer(ctx, req, c.whole.UpgradeResourceIdentity)
}

func (c calls) ReadResource(ctx context.Context, req *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	return answer(ctx, req, c.whole.ReadResource)
}

func (c calls) PlanResourceChange(
	ctx context.Context, req *tfprotov6.PlanResourceChangeRequest,
) (*tfprotov6.PlanResourceChangeResponse, error) {
	return answer(ctx, req, c.whole.PlanResourceChange)
}

func (c calls) ApplyResourceChange(
	ctx context.Context, req *tfprotov6.ApplyResourceChangeRequest,
) (*tfprotov6.ApplyResourceChangeResponse, error) {
	return answer(ctx, req, c.whole.ApplyResourceChange)
}

func (c calls) ImportResourceState(
	ctx context.Context, req *tfprotov6.ImportResourceStateRequest,
) (*tfprotov6.ImportResourceStateResponse, error) {
	return answer(ctx, req, c.whole.ImportResourceState)
}

func (c calls) ReadDataSource(ctx context.Context, req *tfprotov6.ReadDataSourceRequest) (*tfprotov6.ReadDataSourceResponse, error) {
	return answer(ctx, req, c.whole.ReadDataSource)
}

// answer makes one call with a context that is let go of when the call is over.
func answer[Req, Resp any](ctx context.Context, req Req, call func(context.Context, Req) (Resp, error)) (Resp, error) {
	lent := lend(ctx)
	defer lent.release()

	return call(lent, req)
}

// loan is a context that can be given up while others still hold it.
type loan struct {
	of atomic.Pointer[context.Context]
}

// over is what a loan has become when it is released.
var over = func() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()

	return ctx
}()

func lend(ctx context.Context) *loan {
	lent := &loan{}
	lent.of.Store(&ctx)

	return lent
}

func (l *loan) release() { l.of.Store(&over) }

func (l *loan) Deadline() (time.Time, bool) { return (*l.of.Load()).Deadline() }

func (l *loan) Done() <-chan struct{} { return (*l.of.Load()).Done() }

func (l *loan) Err() error { return (*l.of.Load()).Err() }

func (l *loan) Value(key any) any { return (*l.of.Load()).Value(key) }
