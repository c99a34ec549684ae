// Package acctest is the kit of everything that runs a real CLI or the programs of this repository:
//
//   - [FindCLI] finds a Terraform or an OpenTofu, or builds the pinned one.
//   - [Environ] is this process's environment without what could change what a program does.
//   - [BuildProvider] and [BuildMirror] build the provider; [DevOverrides] and [FilesystemMirror] are the CLI
//     configurations that make a CLI run what they built.
//   - [StartEmulator] runs the program wallaroo-emulator. In a test, emulatortest.Start is the lighter way.
//   - [Run] and [Start] run a program and report its exit code and its output.
//   - [NewFolder] puts all of it together for a test:
//
// For example:
//
//	instance := emulatortest.Start(t, emulator.Options{Seed: emulator.SeedGuide})
//	folder := acctest.NewFolder(t, acctest.Credentials(instance.URL)...)
//	folder.Write("main.tf", `resource "wallaroo_workspace" "a" { name = "a" }`)
//	folder.Apply()
//	folder.ExpectEmptyPlan()
//
// The command sandbox does the same for a script. Steps of an acceptance test are written with plugin-testing.
package acctest
