package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
)

// installAll installs the provider with every CLI at hand: from a filesystem mirror, and from a registry, which makes
// the CLI check the signature and the checksums.
func installAll(ctx context.Context, root, place string, r release, k key) error {
	clis, err := findCLIs(ctx, root)
	if err != nil {
		return err
	}
	mirror := filepath.Join(place, "mirror")
	if err := r.mirror(mirror); err != nil {
		return err
	}
	url, stop, err := registry{release: r, key: k}.serve()
	if err != nil {
		return err
	}
	defer stop()
	forged, err := r.forged()
	if err != nil {
		return err
	}
	badURL, stopBad, err := registry{release: r, key: k, sums: forged}.serve()
	if err != nil {
		return err
	}
	defer stopBad()

	for i, cli := range clis {
		c := client{path: cli, place: filepath.Join(place, fmt.Sprint(i)), version: r.version}
		if err := c.installs(ctx, r, mirror, url, badURL); err != nil {
			return fmt.Errorf("%s: %w", cli, err)
		}
	}
	return nil
}

// findCLIs returns the paths of the CLIs on the PATH and in bin, and of the one that tests use.
func findCLIs(ctx context.Context, root string) ([]string, error) {
	chosen, err := command{dir: root}.run(ctx, filepath.Join(root, "scripts", "find-cli"))
	if err != nil {
		return nil, err
	}
	clis := []string{strings.TrimSpace(chosen)}
	for _, name := range []string{"terraform", "tofu", filepath.Join(root, "bin", "tofu")} {
		path, err := exec.LookPath(name)
		if err != nil || slices.Contains(clis, path) {
			continue
		}
		if _, err := (command{}).run(ctx, path, "version"); err != nil {
			fmt.Printf("    %s does not run, and is left out\n", path)
			continue
		}
		clis = append(clis, path)
	}
	return clis, nil
}

// hosts are what the CLIs take a source without a host to be in.
var hosts = []string{"registry.terraform.io", "registry.opentofu.org"}

// mirror lays the zips out as a filesystem mirror of packed providers.
func (r release) mirror(dir string) error {
	names, err := r.files()
	if err != nil {
		return err
	}
	for _, host := range hosts {
		target := filepath.Join(dir, host, filepath.FromSlash(address))
		if err := os.MkdirAll(target, 0o755); err != nil {
			return err
		}
		for _, p := range r.platforms(names) {
			if err := os.Link(r.path(r.provider(p)), filepath.Join(target, r.provider(p))); err != nil {
				return err
			}
		}
	}
	return nil
}

// client is a CLI with a folder for its files.
type client struct{ path, place, version string }

func (c client) installs(ctx context.Context, r release, mirror, url, badURL string) error {
	version, err := command{dir: filepath.Dir(mirror)}.run(ctx, c.path, "version")
	if err != nil {
		return err
	}
	local, err := c.install(ctx, "mirror", fmt.Sprintf("provider_installation {\n  filesystem_mirror {\n    path = %q\n  }\n}\n", mirror))
	if err != nil {
		return err
	}
	remote, err := c.install(ctx, "registry", fromRegistry(url))
	if err != nil {
		return err
	}
	if _, err := c.install(ctx, "forged", fromRegistry(badURL)); err == nil || !strings.Contains(err.Error(), "signature") {
		return errors.Join(errors.New("installs from a registry whose checksums are not the signed ones"), err)
	}
	if err := checkLocks(r, local, remote); err != nil {
		return err
	}
	fmt.Printf("    %s: h1:%s, zh: as in %s\n", strings.SplitN(version, "\n", 2)[0], strings.Join(local["h1"], " "), r.sums())
	return nil
}

// fromRegistry is the configuration for a CLI that takes the registry at an address for all of them.
func fromRegistry(url string) string {
	config := "provider_installation {\n  direct {}\n}\n"
	for _, host := range hosts {
		config += fmt.Sprintf("host %q {\n  services = {\n    \"providers.v1\" = %q\n  }\n}\n", host, url+"/v1/providers/")
	}
	return config
}

// install installs the provider and starts it, and returns the hashes of the lock file by scheme.
func (c client) install(ctx context.Context, name, config string) (map[string][]string, error) {
	dir := filepath.Join(c.place, name)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	source := fmt.Sprintf("terraform {\n  required_providers {\n    wallaroo = {\n      source  = %q\n      version = %q\n    }\n  }\n}\n", address, c.version)
	for file, text := range map[string]string{"main.tf": source, "cli.tfrc": config} {
		if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o644); err != nil {
			return nil, err
		}
	}
	cli := command{dir: dir, env: []string{
		"HOME=" + dir, "TF_CLI_CONFIG_FILE=" + filepath.Join(dir, "cli.tfrc"), "TF_IN_AUTOMATION=1", "CHECKPOINT_DISABLE=1",
		"OPENTOFU_ENFORCE_GPG_VALIDATION=true",
	}}
	if _, err := cli.run(ctx, c.path, "init", "-no-color", "-input=false"); err != nil {
		return nil, err
	}
	schemas, err := cli.run(ctx, c.path, "providers", "schema", "-json")
	if err != nil {
		return nil, err
	}
	if err := checkSchemas(schemas); err != nil {
		return nil, err
	}
	lock, err := os.ReadFile(filepath.Join(dir, ".terraform.lock.hcl"))
	return hashes(string(lock)), err
}

// checkSchemas tells whether the provider has answered.
func checkSchemas(text string) error {
	var schemas struct {
		Providers map[string]struct {
			Resources map[string]any `json:"resource_schemas"`
		} `json:"provider_schemas"`
	}
	if err := json.Unmarshal([]byte(text), &schemas); err != nil {
		return err
	}
	for name, provider := range schemas.Providers {
		if strings.HasSuffix(name, "/"+address) && provider.Resources["wallaroo_workspace"] != nil {
			return nil
		}
	}
	return errors.New("the installed provider has no wallaroo_workspace")
}

var hash = regexp.MustCompile(`"(h1|zh):([^"]+)"`)

// hashes returns those of a lock file, by scheme.
func hashes(lock string) map[string][]string {
	found := map[string][]string{}
	for _, parts := range hash.FindAllStringSubmatch(lock, -1) {
		found[parts[1]] = append(found[parts[1]], parts[2])
	}
	return found
}

// checkLocks tells whether both ways install the same program, and the registry's lock has the sums of all zips.
func checkLocks(r release, local, remote map[string][]string) error {
	data, err := os.ReadFile(r.path(r.sums()))
	if err != nil {
		return err
	}
	sums, err := readSums(data)
	if err != nil {
		return err
	}
	ours := r.provider(platform{runtime.GOOS, runtime.GOARCH})
	var problems []error
	if len(local["h1"]) != 1 || !slices.Equal(local["h1"], remote["h1"]) {
		problems = append(problems, fmt.Errorf("h1: is %q from the mirror and %q from the registry", local["h1"], remote["h1"]))
	}
	if !slices.Contains(remote["zh"], sums[ours]) {
		problems = append(problems, fmt.Errorf("zh: lacks the sum of %s: %q", ours, remote["zh"]))
	}
	for _, zh := range remote["zh"] {
		if !slices.Contains(slices.Collect(maps.Values(sums)), zh) {
			problems = append(problems, fmt.Errorf("zh:%s is in no line of %s", zh, r.sums()))
		}
	}
	return errors.Join(problems...)
}

// runEmulator asks the emulator of this machine for its version.
func runEmulator(ctx context.Context, r release) error {
	program, err := r.executable(r.emulator(platform{runtime.GOOS, runtime.GOARCH}))
	if err != nil {
		return err
	}
	path := r.dir + ".emulator"
	if err := os.WriteFile(path, program, 0o755); err != nil {
		return err
	}
	said, err := command{}.run(ctx, path, "-version")
	if want := "wallaroo-emulator " + r.version + "\n"; err == nil && said != want {
		err = fmt.Errorf("says %q, want %q", said, want)
	}
	return err
}
