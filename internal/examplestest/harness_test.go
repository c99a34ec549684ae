package examplestest

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/acctest"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator/emulatortest"
)

const examplesDir = "../../examples"

// The users of the seed.
const (
	annID    = "0a3c9d52-6f1e-4b87-9c2d-5e8f7a1b4c60"
	bobID    = "1b7e2f94-8d3a-4c56-a0e1-6f9d8b2c5a71"
	bobEmail = "bob@example.com"
	carolID  = "2c8f3a05-9e4b-4d67-b1f2-70ae9c3d6b82"
	adminID  = "8c4a7b52-6d0e-4f3b-9a1c-2e5d7f90b314"
)

// newInstance is an instance with what the examples expect.
func newInstance(t *testing.T) *emulatortest.Instance {
	t.Helper()
	return emulatortest.Start(t, emulator.Options{Seed: acctest.ExampleSeed(t)})
}

// clone is another instance with the same workspaces.
func clone(t *testing.T, from *emulatortest.Instance) *emulatortest.Instance {
	t.Helper()

	instance := newInstance(t)
	for _, workspace := range from.Workspaces() {
		if _, ok := instance.Workspace(workspace.ID); !ok {
			instance.AddWorkspace(workspace)
		}
	}

	return instance
}

// newExample makes a folder with a copy of a tree of examples, in which programs run at the given path.
func newExample(t *testing.T, instance *emulatortest.Instance, tree, path string) *acctest.Folder {
	t.Helper()

	folder := acctest.NewFolder(t, acctest.ExampleCredentials(instance.URL)...)
	if folder.CLI.Minor < 8 {
		t.Skipf("the examples need Terraform or OpenTofu 1.8, and this is %s", folder.CLI)
	}

	if err := os.CopyFS(folder.Dir, os.DirFS(tree)); err != nil {
		t.Fatal(err)
	}

	folder.Dir = folder.Path(path)

	return folder
}

// newInitialized is newExample of examples/, without what a CLI has left there, and with its modules.
func newInitialized(t *testing.T, instance *emulatortest.Instance, path string) *acctest.Folder {
	t.Helper()
	folder := newExample(t, instance, examplesDir, path)

	err := filepath.WalkDir(folder.Dir, func(path string, entry fs.DirEntry, err error) error {
		if name := filepath.Base(path); err == nil && (strings.HasPrefix(name, ".terraform") || strings.HasPrefix(name, "terraform.tfstate")) {
			err = os.RemoveAll(path)
			if entry.IsDir() {
				err = fs.SkipDir
			}
		}

		return err
	})
	if err != nil {
		t.Fatal(err)
	}

	folder.Run(0, "get")

	return folder
}

// run runs a program other than the CLI in a folder.
func run(t *testing.T, cmd *exec.Cmd) acctest.Result {
	t.Helper()

	result, err := acctest.Run(cmd)
	if err != nil {
		t.Fatal(err)
	}

	return result
}
