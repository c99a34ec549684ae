package plugin

import "cmp"

// limitLogs keeps the libraries from writing what the CLI throws away. Without a
// level of their own they write everything, as JSON, with the place in the source:
// several lines for each call, which the CLI reads, decodes and drops unless
// TF_LOG_PROVIDER or TF_LOG asks for them. Levels that are set stay as they are.
func limitLogs(getenv func(string) string, setenv func(string, string) error) error {
	level := cmp.Or(getenv("TF_LOG_PROVIDER"), getenv("TF_LOG"), "OFF")

	for _, name := range []string{"TF_LOG_SDK", "TF_LOG_PROVIDER_WALLAROO"} {
		if getenv(name) != "" {
			continue
		}

		if err := setenv(name, level); err != nil {
			return err
		}
	}

	return nil
}
