// Package livetest tries the provider on a real Wallaroo instance. The suite is
// behind the build tag live; "make test-live" runs it.
//
// An instance keeps its workspaces for good, so the suite creates a few of fixed
// names once, and adopts them in later runs. What it may touch there is
// decided here, apart from the suite, and tested on the emulator by every
// "make test".
package livetest
