package plugin

import (
	"maps"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestLimitLogs(t *testing.T) {
	t.Parallel()

	for name, c := range map[string]struct{ environment, want map[string]string }{
		"nobody listens": {
			environment: map[string]string{},
			want:        map[string]string{"TF_LOG_SDK": "OFF", "TF_LOG_PROVIDER_WALLAROO": "OFF"},
		},
		"everything": {
			environment: map[string]string{"TF_LOG": "TRACE"},
			want:        map[string]string{"TF_LOG_SDK": "TRACE", "TF_LOG_PROVIDER_WALLAROO": "TRACE"},
		},
		"providers alone": {
			environment: map[string]string{"TF_LOG": "ERROR", "TF_LOG_PROVIDER": "DEBUG"},
			want:        map[string]string{"TF_LOG_SDK": "DEBUG", "TF_LOG_PROVIDER_WALLAROO": "DEBUG"},
		},
		"the CLI alone": {
			environment: map[string]string{"TF_LOG_CORE": "TRACE"},
			want:        map[string]string{"TF_LOG_SDK": "OFF", "TF_LOG_PROVIDER_WALLAROO": "OFF"},
		},
		"levels of their own": {
			environment: map[string]string{"TF_LOG": "TRACE", "TF_LOG_SDK": "WARN", "TF_LOG_PROVIDER_WALLAROO": "INFO"},
			want:        map[string]string{},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			want := maps.Clone(c.environment)
			maps.Copy(want, c.want)

			err := limitLogs(func(name string) string { return c.environment[name] },
				func(name, value string) error { c.environment[name] = value; return nil })
			if err != nil {
				t.Fatal(err)
			}

			if diff := cmp.Diff(want, c.environment); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
