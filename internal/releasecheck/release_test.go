package main

import (
	"archive/zip"
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
)

// check fails unless the error has this text; "" stands for no error.
func check(t *testing.T, err error, want string) {
	t.Helper()
	switch {
	case want == "" && err != nil:
		t.Errorf("refused: %v", err)
	case want != "" && err == nil:
		t.Errorf("accepted, want an error with %q", want)
	case want != "" && !strings.Contains(err.Error(), want):
		t.Errorf("error %q, want one with %q", err, want)
	}
}

func write(t *testing.T, r release, files map[string]string) {
	t.Helper()
	for name, text := range files {
		if err := os.WriteFile(r.path(name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	r := release{version: "1.2.3"}
	complete := r.expected(required)
	with := func(name string) []string { return append([]string{name}, complete...) }
	for _, test := range []struct {
		name  string
		files []string
		want  string
	}{
		{"complete", complete, ""},
		{"one more platform", append(with("terraform-provider-wallaroo_1.2.3_linux_arm.zip"), "wallaroo-emulator_1.2.3_linux_arm.tar.gz",
			"wallaroo-emulator_1.2.3_linux_arm.tar.gz.sig", "wallaroo-emulator_1.2.3_linux_arm.cdx.json", "wallaroo-emulator_1.2.3_linux_arm.cdx.json.sig",
			"terraform-provider-wallaroo_1.2.3_linux_arm.cdx.json", "terraform-provider-wallaroo_1.2.3_linux_arm.cdx.json.sig"), ""},
		{"a platform without its emulator", with("terraform-provider-wallaroo_1.2.3_linux_arm.zip"), "wallaroo-emulator_1.2.3_linux_arm.tar.gz is missing"},
		{"a stranger", with("notes.txt"), "notes.txt does not belong there"},
		{"another version", with("terraform-provider-wallaroo_1.2.4_linux_arm.zip"), "1.2.4_linux_arm.zip does not belong there"},
		{"no files", nil, "terraform-provider-wallaroo_1.2.3_windows_arm64.zip is missing"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			check(t, checkNames(test.files, r.expected(r.platforms(test.files))), test.want)
		})
	}
}

func TestSums(t *testing.T) {
	t.Parallel()
	arm := platform{"linux", "arm"}
	right := sum([]byte("zip")) + "  terraform-provider-wallaroo_1.2.3_linux_arm.zip\n"
	manifest := sum([]byte("manifest")) + "  terraform-provider-wallaroo_1.2.3_manifest.json\n"
	for _, test := range []struct{ name, sums, want string }{
		{"right", manifest + right, ""},
		{"a stranger", right + manifest + sum([]byte("other")) + "  wallaroo-emulator_1.2.3_linux_arm.tar.gz\n", "wallaroo-emulator_1.2.3_linux_arm.tar.gz does not belong there"},
		{"no manifest", right, "manifest.json is missing"},
		{"a zip missing", manifest, "linux_arm.zip is missing"},
		{"twice", right + manifest + right, "listed twice"},
		{"another sum", strings.Replace(manifest+right, sum([]byte("zip")), sum([]byte("zap")), 1), "linux_arm.zip has another sum"},
		{"no sum", "abc  def\n", "is not a line"},
		{"empty", "", "is not a line"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := release{dir: t.TempDir(), version: "1.2.3"}
			write(t, r, map[string]string{r.provider(arm): "zip", r.manifest(): "manifest", r.emulator(arm): "other", r.sums(): test.sums})
			check(t, r.checkSums([]platform{arm}), test.want)
		})
	}
}

func TestManifest(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{"version":1,"metadata":{"protocol_versions":["6.0"]}}`: "",
		`{"version":1,"metadata":{"protocol_versions":["5.0"]}}`: "names protocols [5.0]",
		`{"version":1}`: "names protocols []",
		`{"version":2,"metadata":{"protocol_versions":["6.0"]}}`: "version is 2",
		`nonsense`: "invalid character",
	} {
		r := release{dir: t.TempDir(), version: "1.2.3"}
		write(t, r, map[string]string{r.manifest(): text})
		check(t, r.checkManifest(), want)
	}
}

// zipped makes a zip with these members.
func zipped(t *testing.T, members ...member) string {
	t.Helper()
	var data bytes.Buffer
	archive := zip.NewWriter(&data)
	for _, m := range members {
		header := &zip.FileHeader{Name: m.name}
		header.SetMode(m.mode)
		file, err := archive.CreateHeader(header)
		if err == nil {
			_, err = file.Write(m.data)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	return data.String()
}

func TestArchive(t *testing.T) {
	t.Parallel()
	const name = "terraform-provider-wallaroo_v1.2.3"
	program := member{name: name, mode: 0o755, data: []byte("no program")}
	for _, test := range []struct {
		name     string
		platform platform
		members  []member
		want     string
	}{
		{"the binary alone, which is none", platform{"linux", "arm"}, []member{program}, "unrecognized file format"},
		{"two files", platform{"linux", "arm"}, []member{{name: "LICENSE", mode: 0o644}, program}, `holds ["LICENSE"`},
		{"no file", platform{"linux", "arm"}, nil, "holds []"},
		{"not executable", platform{"linux", "arm"}, []member{{name: name, mode: 0o644}}, "mode is -rw-r--r--"},
		{"a link", platform{"linux", "arm"}, []member{{name: name, mode: fs.ModeSymlink | 0o755}}, "mode is Lrwxr-xr-x"},
		{"no .exe", platform{"windows", "arm64"}, []member{program}, `want ["` + name + `.exe"]`},
		{"in a folder", platform{"linux", "arm"}, []member{{name: "bin/" + name, mode: 0o755}}, `holds ["bin/`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := release{dir: t.TempDir(), version: "1.2.3"}
			write(t, r, map[string]string{r.provider(test.platform): zipped(t, test.members...)})
			check(t, r.checkArchive(r.provider(test.platform), test.platform), test.want)
		})
	}
}

func TestProgram(t *testing.T) {
	t.Parallel()
	check(t, judge(largest, nil, []string{".text"}), "")
	check(t, judge(largest+1, nil, nil), "20000001 bytes, more than 20000000")
	check(t, judge(0, []string{"libc.so.6"}, nil), "needs [libc.so.6]")
	check(t, judge(0, nil, []string{".symtab"}), "not stripped: it has .symtab")
	check(t, judge(0, nil, []string{"__zdebug_info"}), "not stripped: it has __zdebug_info")
	script := []byte(strings.Repeat("#!/bin/sh\n", 20))
	for system, want := range map[string]string{"linux": "magic", "freebsd": "magic", "darwin": "magic", "windows": "machine"} {
		check(t, checkProgram(script, system), want)
	}
}

func buildInfo(settings map[string]string) *debug.BuildInfo {
	info := &debug.BuildInfo{GoVersion: "go1.26.0", Main: debug.Module{Path: "example.com/main", Version: "v1.2.3"}, Deps: []*debug.Module{
		{Path: "example.com/a", Version: "v1.0.0"},
		{Path: "example.com/b", Version: "v1.0.0", Replace: &debug.Module{Path: "example.com/c", Version: "v2.0.0"}},
	}}
	for key, value := range settings {
		info.Settings = append(info.Settings, debug.BuildSetting{Key: key, Value: value})
	}
	return info
}

func TestBuild(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, key, value, version, want string }{
		{"right", "", "", "1.2.3", ""},
		{"another version", "", "", "1.2.4", `main module="v1.2.3", want "v1.2.4"`},
		{"another platform", "GOARCH", "arm64", "1.2.3", `GOARCH="arm64"`},
		{"with C", "CGO_ENABLED", "1", "1.2.3", "CGO_ENABLED"},
		{"for coverage", "-cover", "true", "1.2.3", `-cover="true", want ""`},
		{"for races", "-race", "true", "1.2.3", `-race="true", want ""`},
		{"changed files", "vcs.modified", "true", "1.2.3", "vcs.modified"},
		{"paths", "-trimpath", "", "1.2.3", "-trimpath"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			settings := map[string]string{"GOOS": "linux", "GOARCH": "arm", "CGO_ENABLED": "0", "-trimpath": "true", "vcs.modified": "false"}
			settings[test.key] = test.value
			check(t, checkBuild(buildInfo(settings), platform{"linux", "arm"}, test.version), test.want)
		})
	}
}

func TestSBOM(t *testing.T) {
	t.Parallel()
	right := `{"bomFormat":"CycloneDX","metadata":{"component":{"name":"example.com/main","version":"v1.2.3"},
		"properties":[{"name":"cdx:gomod:binary:hash:SHA-256","value":"` + sum([]byte("program")) + `"}]},"components":[
		{"name":"std","version":"go1.26.0","purl":"pkg:golang/std@go1.26.0?type=module"},
		{"name":"example.com/a","version":"v1.0.0","purl":"pkg:golang/example.com/a@v1.0.0?type=module"},
		{"name":"example.com/c","version":"v2.0.0","purl":"pkg:golang/example.com/c@v2.0.0"}]}`
	for _, test := range []struct{ name, old, now, want string }{
		{"right", "", "", ""},
		{"no JSON", "{", "", "the SBOM: "},
		{"another format", "CycloneDX", "SPDX", "want CycloneDX"},
		{"of another version", "v1.2.3", "v1.2.4", "want CycloneDX and example.com/main@v1.2.3"},
		{"of another program", sum([]byte("program")), sum([]byte("other")), "with SHA-256"},
		{"a module too few", `{"name":"example.com/a","version":"v1.0.0","purl":"pkg:golang/example.com/a@v1.0.0?type=module"},`, "", "example.com/a@v1.0.0 is missing"},
		{"a module too many", `"components":[`, `"components":[{"name":"x","version":"v1.0.0","purl":"pkg:golang/x@v1.0.0"},`, "x@v1.0.0 does not belong"},
		{"another version of a module", `"version":"v2.0.0"`, `"version":"v2.0.1"`, "example.com/c@v2.0.0 is missing"},
		{"a wrong URL", "pkg:golang/example.com/c", "pkg:golang/example.com/b", "the URL"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			text := strings.Replace(right, test.old, test.now, 1)
			check(t, checkSBOM([]byte(text), buildInfo(nil), []byte("program")), test.want)
		})
	}
}

func TestCompare(t *testing.T) {
	t.Parallel()
	r, other := release{dir: t.TempDir(), version: "1.2.3"}, release{dir: t.TempDir()}
	write(t, r, map[string]string{"a.zip": "a", "a.zip.sig": "one"})
	check(t, compare(r, other.dir), "a.zip was not made again")
	write(t, other, map[string]string{"a.zip": "b"})
	check(t, compare(r, other.dir), "a.zip is not the same")
	write(t, other, map[string]string{"a.zip": "a", "a.zip.sig": "two"})
	check(t, compare(r, other.dir), "")
}

func TestLocks(t *testing.T) {
	t.Parallel()
	r := release{dir: t.TempDir(), version: "1.2.3"}
	ours := r.provider(platform{runtime.GOOS, runtime.GOARCH})
	write(t, r, map[string]string{r.sums(): sum([]byte("zip")) + "  " + ours + "\n"})
	local := hashes(`hashes = [ "h1:abc=", ]`)
	check(t, checkLocks(r, local, hashes(`"h1:abc=", "zh:`+sum([]byte("zip"))+`"`)), "")
	check(t, checkLocks(r, local, hashes(`"h1:abd=", "zh:`+sum([]byte("zip"))+`"`)), "from the registry")
	check(t, checkLocks(r, local, hashes(`"h1:abc="`)), "lacks the sum")
	check(t, checkLocks(r, local, hashes(`"h1:abc=", "zh:`+sum([]byte("zip"))+`", "zh:12"`)), "zh:12 is in no line")
}

func TestReleaseNotes(t *testing.T) {
	t.Parallel()
	bash, err := exec.LookPath("bash")
	if err != nil || runtime.GOOS == "windows" {
		t.Skip("needs a Unix with bash")
	}
	script, err := os.ReadFile("../../scripts/release-notes")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "scripts"), 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, release{dir: dir}, map[string]string{
		"scripts/release-notes": string(script),
		"CHANGELOG.md":          "## 1.10.0 (Unreleased)\n\nNOTES:\n\n* new\n\n## 1.1.0 (July 1, 2026)\n\nold\n\n## 1.0.0 (June 1, 2026)\n\n",
	})
	notes := func(version string) (string, error) {
		return command{dir: dir}.run(t.Context(), bash, "scripts/release-notes", version)
	}
	for version, want := range map[string]string{"1.10.0": "\nNOTES:\n\n* new\n", "v1.1.0": "\nold\n"} {
		if text, err := notes(version); err != nil || text != want {
			t.Errorf("%s: %q, %v; want %q", version, text, err, want)
		}
	}
	for _, version := range []string{"1.0.0", "1.1", "1.10.1", "1x1.0"} {
		_, err := notes(version)
		check(t, err, "CHANGELOG.md has nothing about "+version)
	}
}
