// Package sdktest has tests alone: Wallaroo's own Python SDK is a client of the
// emulator in them. They are behind the build tag sdk, as they install the SDK
// from Python's package index; "make test-sdk" runs them.
//
// What the SDK cannot read, Wallaroo would not answer. contract.py calls the
// SDK and holds what it reads against the types that the SDK declares.
package sdktest
