package emulator

import (
	"bytes"
	"context"
	"net/http"
	"time"
)

// flood streams a JSON object of about size bytes without a length, so that only reading tells how long it is.
func flood(ctx context.Context, w http.ResponseWriter, out *response, size int64) {
	for name, values := range out.header {
		w.Header()[name] = values
	}

	w.WriteHeader(out.status)

	chunk := bytes.Repeat([]byte(" "), 32<<10)

	if _, err := w.Write([]byte("{")); err != nil {
		return
	}

	for left := size - 2; left > 0 && ctx.Err() == nil; left -= int64(len(chunk)) {
		if _, err := w.Write(chunk[:min(left, int64(len(chunk)))]); err != nil {
			return
		}
	}

	_, _ = w.Write([]byte("}"))
}

// dribble sends the body in small pieces.
func dribble(ctx context.Context, w http.ResponseWriter, out *response, pause time.Duration) {
	const piece = 16

	out.writeHeader(w)
	control := http.NewResponseController(w)

	for body := out.body; len(body) > 0; {
		if !sleep(ctx, pause) {
			panic(http.ErrAbortHandler)
		}

		n := min(piece, len(body))
		if _, err := w.Write(body[:n]); err != nil {
			return
		}

		_ = control.Flush()
		body = body[n:]
	}
}
