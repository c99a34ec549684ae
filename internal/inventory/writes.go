package inventory

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/wallaroo"
)

// write runs do beside other writes of the workspace, and once more alone if do asks
// for that with errMustRunAlone.
func (w *workspaceMembers) write(ctx context.Context, do func(alone bool) error) error {
	release, err := w.writes.shared(ctx)
	if err != nil {
		return err
	}

	err = do(false)

	release()

	if !errors.Is(err, errMustRunAlone) {
		return err
	}

	return w.writeAlone(ctx, func() error { return do(true) })
}

func (w *workspaceMembers) writeAlone(ctx context.Context, do func() error) error {
	release, err := w.writes.alone(ctx)
	if err != nil {
		return err
	}
	defer release()

	return do()
}

// writeAndVerify makes a write that can be repeated without harm. After a response that
// does not say its outcome, it looks whether the write is done, and repeats it if not.
func (inv *Inventory) writeAndVerify(ctx context.Context, w *workspaceMembers, done func([]wallaroo.Member) bool, write func() error) error {
	var failed error

	for _, wait := range pollDelays {
		if err := inv.pause(ctx, wait); err != nil {
			return cmp.Or(failed, err)
		}

		failed = write()
		if failed == nil || !wallaroo.IsOutcomeUnknown(failed) {
			return failed
		}

		w.members.invalidate(nil)

		members, err := inv.poll(ctx, w.members.getSince, lateDelays[:1], done)
		if err == nil && done(members) {
			return nil
		}

		if wallaroo.IsAPIError(failed) && wallaroo.IsServerError(failed) {
			return failed
		}
	}

	return failed
}

// poll lists the members until they are as done wants them, and returns the last list.
// It goes on without its caller, because a write was sent.
func (inv *Inventory) poll(
	ctx context.Context, list func(context.Context, time.Time) ([]wallaroo.Member, error), delays []time.Duration, done func([]wallaroo.Member) bool,
) (members []wallaroo.Member, err error) {
	ctx, cancel := detach(ctx)
	defer cancel()

	for _, wait := range delays {
		if err = inv.pause(ctx, wait); err != nil {
			return nil, err
		}

		if members, err = list(ctx, inv.clock.Now()); err != nil {
			return nil, err
		}

		if done(members) {
			break
		}
	}

	return members, nil
}
