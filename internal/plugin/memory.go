package plugin

// ballastSize is added to what the collector counts as in use, so that a small heap may
// grow by it before it is collected.
const ballastSize = 16 << 20

// newBallast returns a ballast for the heap, which the caller must keep alive, or nil
// if the user sets GOGC or GOMEMLIMIT. The process has little in use and shares its
// cores with the CLI: the collector, which lets the heap grow to twice of what is in
// use, would run too often. It counts the ballast as in use. Nothing touches the
// ballast, so that it takes up addresses but no memory. A higher GOGC would do the
// same for a small heap, but multiply a large one; a memory limit would make the
// collector run without end as soon as more than the limit is in use.
func newBallast(getenv func(string) string) []byte {
	if getenv("GOGC") != "" || getenv("GOMEMLIMIT") != "" {
		return nil
	}

	return make([]byte, ballastSize)
}
