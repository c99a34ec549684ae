package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
)

const summaryListFailed = "Unable to list resources"

// lister publishes the results of one list request: whole ones, and no more than were
// asked for.
type lister struct {
	req  list.ListRequest
	push func(list.ListResult) bool
	left int64 // negative: no limit
}

func newLister(req list.ListRequest, push func(list.ListResult) bool) *lister {
	left := req.Limit
	if left <= 0 {
		left = -1
	}

	return &lister{req: req, push: push, left: left}
}

// publish is false when nothing more is wanted. The resource's data goes along only
// if it was asked for.
func (l *lister) publish(ctx context.Context, name string, identity, data any) bool {
	result := l.req.NewListResult(ctx)
	result.DisplayName = name
	result.Diagnostics.Append(result.Identity.Set(ctx, identity)...)

	if l.req.IncludeResource {
		result.Diagnostics.Append(result.Resource.Set(ctx, data)...)
	} else {
		result.Resource = nil
	}

	l.left--

	return l.push(result) && l.left != 0
}

// fail ends the list with one result that says why.
func (l *lister) fail(what string, err error) {
	var diags diag.Diagnostics

	addFailure(&diags, noAdvice, summaryListFailed, what, err)
	l.push(list.ListResult{Diagnostics: diags})
}

// listing is the results of fill, or why there can be none.
func (b *base) listing(diags diag.Diagnostics, req list.ListRequest, fill func(*lister)) func(func(list.ListResult) bool) {
	if diags.HasError() || !b.requireConfigured(&diags) {
		return list.ListResultsStreamDiagnostics(diags)
	}

	return func(push func(list.ListResult) bool) { fill(newLister(req, push)) }
}
