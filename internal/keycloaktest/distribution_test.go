//go:build keycloak

package keycloaktest_test

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
)

// version is a Keycloak that the tests run.
type version struct {
	number string
	// sum is the SHA-256 of the archive.
	sum string
	// badPassword is the status of a refused login.
	badPassword int
	// bootstrap are the variables that make an administrator in an empty database.
	bootstrap [2]string
}

// The newest one, and one as old as the tokens of Wallaroo suggest. They differ in what they answer to a bad password.
var versions = []version{
	{
		number:      "26.7.3",
		sum:         "27a6535553c3cdcd083872ba40629efafb3475e3b758e0c6f691395561dd0f1f",
		badPassword: 400,
		bootstrap:   [2]string{"KC_BOOTSTRAP_ADMIN_USERNAME", "KC_BOOTSTRAP_ADMIN_PASSWORD"},
	},
	{
		number:      "22.0.5",
		sum:         "f1216b003e9e493d74c2b715e76148e50102babb670d5c0784843662ff48aa51",
		badPassword: 401,
		bootstrap:   [2]string{"KEYCLOAK_ADMIN", "KEYCLOAK_ADMIN_PASSWORD"},
	},
}

// old reports whether this is the older of the two.
func (v version) old() bool { return v.badPassword == 401 }

// fetching keeps two Maven runs from writing to its repository at once.
var fetching sync.Mutex

// oldestJava is what both versions of Keycloak run on.
const oldestJava = 17

// tools says in one line what is missing, or "".
func tools(ctx context.Context) string {
	var missing []string
	if found := java(ctx); found < oldestJava {
		said := "is not on the PATH"
		if found > 0 {
			said = fmt.Sprintf("is version %d", found)
		}
		missing = append(missing, fmt.Sprintf("java %s: install a Java %d or later runtime", said, oldestJava))
	}
	if _, err := exec.LookPath("mvn"); err != nil {
		missing = append(missing, "mvn is not on the PATH: install Maven")
	}
	return strings.Join(missing, "; ")
}

var javaVersion = regexp.MustCompile(`version "(\d+)`)

// java returns the version of the Java that Keycloak's script takes, or 0.
func java(ctx context.Context) int {
	program := "java"
	if home := os.Getenv("JAVA_HOME"); home != "" {
		program = filepath.Join(home, "bin", "java")
	}
	out, _ := exec.CommandContext(ctx, program, "-version").CombinedOutput()
	found := javaVersion.FindStringSubmatch(string(out))
	if found == nil {
		return 0
	}
	number, _ := strconv.Atoi(found[1])
	return number
}

// unpacked returns the directory of an unpacked distribution below .cache of the checkout, and makes it on first use.
func (v version) unpacked(ctx context.Context) (string, error) {
	fetching.Lock()
	defer fetching.Unlock()
	cache, err := filepath.Abs(filepath.Join("..", "..", ".cache", "keycloak"))
	if err != nil {
		return "", err
	}
	home, done := filepath.Join(cache, "keycloak-"+v.number), filepath.Join(cache, v.number+".installed")
	if have, _ := os.ReadFile(done); string(have) == v.sum {
		return home, nil
	}
	// Without the mark of a finished installation nothing of it can be trusted.
	if err := os.RemoveAll(home); err != nil {
		return "", err
	}
	archive := filepath.Join(cache, "keycloak-quarkus-dist-"+v.number+".zip")
	if sumOf(archive) != v.sum {
		if err := v.fetch(ctx, cache); err != nil {
			return "", err
		}
		if got := sumOf(archive); got != v.sum {
			return "", fmt.Errorf("keycloak %s: the archive's SHA-256 is %q, want %s", v.number, got, v.sum)
		}
	}
	if err := unzip(archive, cache); err != nil {
		return "", fmt.Errorf("unpacking Keycloak %s: %w", v.number, err)
	}
	return home, errors.Join(os.WriteFile(done, []byte(v.sum), 0o600), os.Remove(archive))
}

// spoiled forgets an installation, so that the next use unpacks it again.
func (v version) spoiled() {
	_ = os.Remove(filepath.Join("..", "..", ".cache", "keycloak", v.number+".installed"))
}

func (v version) fetch(ctx context.Context, directory string) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Minute)
	defer cancel()
	mvn := exec.CommandContext(ctx, "mvn", "--batch-mode", "--quiet", "dependency:copy",
		"-Dartifact=org.keycloak:keycloak-quarkus-dist:"+v.number+":zip", "-DoutputDirectory="+directory)
	mvn.Dir = directory
	if err := os.MkdirAll(directory, 0o750); err != nil {
		return err
	}
	if out, err := mvn.CombinedOutput(); err != nil {
		return fmt.Errorf("fetching Keycloak %s with Maven: %w\n%s", v.number, err, out)
	}
	return nil
}

// sumOf returns the SHA-256 of a file, or "" if it cannot be read.
func sumOf(path string) string {
	file, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer func() { _ = file.Close() }()
	hash := sha256.New()
	if _, err := io.Copy(hash, file); err != nil {
		return ""
	}
	return hex.EncodeToString(hash.Sum(nil))
}

func unzip(archive, directory string) error {
	reader, err := zip.OpenReader(archive)
	if err != nil {
		return err
	}
	defer func() { _ = reader.Close() }()
	root, err := os.OpenRoot(directory)
	if err != nil {
		return err
	}
	defer func() { _ = root.Close() }()
	for _, entry := range reader.File {
		if err := extract(root, entry); err != nil {
			return err
		}
	}
	return nil
}

func extract(root *os.Root, entry *zip.File) error {
	if entry.FileInfo().IsDir() {
		return root.MkdirAll(entry.Name, 0o755)
	}
	if err := root.MkdirAll(filepath.Dir(entry.Name), 0o755); err != nil {
		return err
	}
	from, err := entry.Open()
	if err != nil {
		return err
	}
	defer func() { _ = from.Close() }()
	to, err := root.OpenFile(entry.Name, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, entry.Mode().Perm())
	if err != nil {
		return err
	}
	_, err = io.Copy(to, from)
	return errors.Join(err, to.Close())
}
