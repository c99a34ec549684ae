package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// release is a folder with what was uploaded.
type release struct{ dir, version string }

// platform is an operating system and an architecture, in Go's words.
type platform struct{ os, arch string }

func (p platform) String() string { return p.os + "_" + p.arch }

// required are the platforms that no release may lack. It may have more.
var required = []platform{
	{"darwin", "amd64"}, {"darwin", "arm64"}, {"freebsd", "amd64"}, {"freebsd", "arm64"},
	{"linux", "amd64"}, {"linux", "arm64"}, {"windows", "amd64"}, {"windows", "arm64"},
}

// provider, emulator and the others are the names of files.
func (r release) provider(p platform) string { return r.name(p.String() + ".zip") }
func (r release) sums() string               { return r.name("SHA256SUMS") }
func (r release) manifest() string           { return r.name("manifest.json") }
func (r release) name(suffix string) string {
	return "terraform-provider-wallaroo_" + r.version + "_" + suffix
}
func (r release) emulator(p platform) string {
	return "wallaroo-emulator_" + r.version + "_" + p.String() + ".tar.gz"
}

// bill is the name of an archive's SBOM.
func bill(archive string) string {
	return strings.TrimSuffix(strings.TrimSuffix(archive, ".zip"), ".tar.gz") + ".cdx.json"
}

func (r release) path(name string) string { return filepath.Join(r.dir, name) }

// inspect checks the files of a release: which there are, and what is in them.
func inspect(ctx context.Context, r release, keys keyring) error {
	names, err := r.files()
	if err != nil {
		return err
	}
	platforms := r.platforms(names)
	if err := checkNames(names, r.expected(platforms)); err != nil {
		return err
	}
	if err := r.checkManifest(); err != nil {
		return err
	}
	if err := r.checkSums(platforms); err != nil {
		return err
	}
	for _, name := range names {
		if file, signed := strings.CutSuffix(name, ".sig"); signed {
			if err := keys.verify(ctx, r.path(name), r.path(file)); err != nil {
				return err
			}
		}
	}
	var problems []error
	for _, p := range platforms {
		for _, archive := range []string{r.provider(p), r.emulator(p)} {
			if err := r.checkArchive(archive, p); err != nil {
				problems = append(problems, fmt.Errorf("%s: %w", archive, err))
			}
		}
	}
	return errors.Join(problems...)
}

func (r release) files() ([]string, error) {
	entries, err := os.ReadDir(r.dir)
	names := make([]string, 0, len(entries))
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names, err
}

// platforms are those of the zips, which the emulator has to have as well.
func (r release) platforms(names []string) []platform {
	zip := regexp.MustCompile("^" + regexp.QuoteMeta(r.name("")) + `([a-z0-9]+)_([a-z0-9]+)\.zip$`)
	found := slices.Clone(required)
	for _, name := range names {
		if parts := zip.FindStringSubmatch(name); parts != nil {
			if p := (platform{parts[1], parts[2]}); !slices.Contains(found, p) {
				found = append(found, p)
			}
		}
	}
	slices.SortFunc(found, func(a, b platform) int { return strings.Compare(a.String(), b.String()) })
	return found
}

// expected are the names of all files: the provider's zips are signed by way of the sums, the others each.
func (r release) expected(platforms []platform) []string {
	names := []string{r.manifest(), r.sums(), r.sums() + ".sig"}
	for _, p := range platforms {
		names = append(names, r.provider(p))
		for _, file := range []string{bill(r.provider(p)), r.emulator(p), bill(r.emulator(p))} {
			names = append(names, file, file+".sig")
		}
	}
	return names
}

// checkNames tells which names are missing and which nobody has asked for.
func checkNames(names, expected []string) error {
	var problems []error
	for _, name := range expected {
		if !slices.Contains(names, name) {
			problems = append(problems, fmt.Errorf("%s is missing", name))
		}
	}
	for _, name := range names {
		if !slices.Contains(expected, name) {
			problems = append(problems, fmt.Errorf("%s does not belong there", name))
		}
	}
	return errors.Join(problems...)
}

// protocols returns the versions of the plugin protocol in the manifest.
func (r release) protocols() ([]string, error) {
	data, err := os.ReadFile(r.path(r.manifest()))
	if err != nil {
		return nil, err
	}
	var manifest struct {
		Version  int
		Metadata struct {
			ProtocolVersions []string `json:"protocol_versions"`
		}
	}
	err = json.Unmarshal(data, &manifest)
	if err == nil && manifest.Version != 1 {
		err = fmt.Errorf("the manifest's version is %d, and registries know 1", manifest.Version)
	}
	return manifest.Metadata.ProtocolVersions, err
}

// checkManifest compares with the protocol of the plugin framework's servers here.
func (r release) checkManifest() error {
	protocols, err := r.protocols()
	if err == nil && !slices.Equal(protocols, []string{"6.0"}) {
		err = fmt.Errorf("%s names protocols %v, and the provider speaks 6.0", r.manifest(), protocols)
	}
	return err
}

// compare tells which of the reproducible files differ. Signatures do, for they hold the time.
func compare(r release, dir string) error {
	names, err := r.files()
	if err != nil {
		return err
	}
	var problems []error
	compared := 0
	for _, name := range names {
		if strings.HasSuffix(name, ".sig") || name == r.manifest() {
			continue
		}
		ours, err := os.ReadFile(r.path(name))
		if err != nil {
			return err
		}
		theirs, err := os.ReadFile(filepath.Join(dir, name))
		switch {
		case errors.Is(err, fs.ErrNotExist):
			problems = append(problems, fmt.Errorf("%s was not made again", name))
		case err != nil:
			return err
		case sum(ours) != sum(theirs):
			problems = append(problems, fmt.Errorf("%s is not the same: SHA-256 %s and %s", name, sum(ours), sum(theirs)))
		}
		compared++
	}
	fmt.Printf("    %d files are the same\n", compared-len(problems))
	return errors.Join(problems...)
}

func sum(data []byte) string {
	digest := sha256.Sum256(data)
	return hex.EncodeToString(digest[:])
}
