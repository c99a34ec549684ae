// Package wallaroo is a client for the part of the Wallaroo MLOps API that
// manages workspaces, their members and the instance's users.
//
// One file holds one noun: its types, then its calls. A [Client] is safe for
// concurrent use. Every failure that came from the network or from a response is
// an [*Error].
package wallaroo
