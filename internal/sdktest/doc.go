// Package sdktest has tests alone: Wallaroo's own Python SDK is a client of the emulator in them. They are behind the build
// tag sdk, as they install the SDK from Python's package index; "make test-sdk" runs them.
//
// What the SDK cannot read, Wallaroo would not answer.
package sdktest
