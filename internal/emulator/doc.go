// Package emulator is a local Wallaroo instance in one [http.Handler]: the workspace and user calls of the MLOps API, and,
// from package keycloak, its tokens and accounts.
//
// It keeps everything in memory, starts from a [Seed], and behaves as published versions of Wallaroo do: lists come in no
// useful order, IDs have gaps, a creator owns the workspace. Where versions and mocks differ, the fields of [API] choose. The
// same calls in the same order give the same IDs, so that a test can rely on them.
//
// Tests arrange the instance with methods of [Server] (AddUser, SetMember, RenameWorkspace and others), break it with
// [Server.Inject], and look at what was asked of it with [Server.Requests]:
//
//	server, err := emulator.New(emulator.Options{Seed: emulator.SeedGuide})
//	web := httptest.NewServer(server)
//	defer web.Close()
//
// The package emulatortest does these three lines for a test. The command wallaroo-emulator serves the same thing on a port.
// None of this is a security boundary: passwords are known, and everything is lost on exit.
package emulator
