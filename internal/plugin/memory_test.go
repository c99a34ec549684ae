package plugin

import (
	"runtime"
	"runtime/metrics"
	"testing"
)

func TestNewBallast(t *testing.T) {
	t.Parallel()

	ballast := newBallast(func(string) string { return "" })

	runtime.GC()

	goal := []metrics.Sample{{Name: "/gc/heap/goal:bytes"}}
	metrics.Read(goal)
	runtime.KeepAlive(ballast)

	if size := goal[0].Value.Uint64(); size < 2*ballastSize {
		t.Errorf("the heap is collected at %d bytes, want at least %d", size, 2*ballastSize)
	}
}

func TestNewBallast_userSettings(t *testing.T) {
	t.Parallel()

	for _, name := range []string{"GOGC", "GOMEMLIMIT"} {
		set := func(asked string) string { return map[string]string{name: "100"}[asked] }
		if newBallast(set) != nil {
			t.Errorf("%s does not take precedence", name)
		}
	}
}
