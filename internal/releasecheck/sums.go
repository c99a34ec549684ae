package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"
)

var sumLine = regexp.MustCompile(`^([0-9a-f]{64})  (\S+)$`)

// readSums parses a file of checksums: from name to SHA-256.
func readSums(data []byte) (map[string]string, error) {
	sums := map[string]string{}
	for line := range strings.SplitSeq(strings.TrimSuffix(string(data), "\n"), "\n") {
		parts := sumLine.FindStringSubmatch(line)
		if parts == nil {
			return nil, fmt.Errorf("%q is not a line with a SHA-256 sum", line)
		}
		if sums[parts[2]] != "" {
			return nil, fmt.Errorf("%s is listed twice", parts[2])
		}
		sums[parts[2]] = parts[1]
	}
	return sums, nil
}

// checkSums tells whether the checksums are those of the provider's zips and the manifest, and of nothing else: the
// Terraform registry takes every zip in the list for a platform of the provider.
func (r release) checkSums(platforms []platform) error {
	data, err := os.ReadFile(r.path(r.sums()))
	if err != nil {
		return err
	}
	sums, err := readSums(data)
	if err != nil {
		return fmt.Errorf("%s: %w", r.sums(), err)
	}
	expected := []string{r.manifest()}
	for _, p := range platforms {
		expected = append(expected, r.provider(p))
	}
	var listed []string
	var problems []error
	for name, want := range sums {
		listed = append(listed, name)
		file, err := os.ReadFile(r.path(name))
		if err == nil && sum(file) != want {
			err = fmt.Errorf("%s has another sum than listed", name)
		}
		problems = append(problems, err)
	}
	if err := checkNames(listed, expected); err != nil {
		problems = append(problems, fmt.Errorf("%s: %w", r.sums(), err))
	}
	return errors.Join(problems...)
}

// forged returns the checksums with another first digit of the manifest's, which only the signature tells: a CLI that
// installs a zip compares no other sum than the zip's.
func (r release) forged() ([]byte, error) {
	data, err := os.ReadFile(r.path(r.sums()))
	if err != nil {
		return nil, err
	}
	manifest := bytes.Index(data, []byte("  "+r.manifest()))
	if manifest < 64 {
		return nil, fmt.Errorf("%s has no line for %s", r.sums(), r.manifest())
	}
	if digit := &data[manifest-64]; *digit == '0' {
		*digit = '1'
	} else {
		*digit = '0'
	}
	return data, nil
}

// checkForgery tells whether the signature is bad for checksums that somebody changed.
func checkForgery(ctx context.Context, r release, keys keyring) error {
	forged, err := r.forged()
	if err != nil {
		return err
	}
	path := r.dir + ".forged"
	if err := os.WriteFile(path, forged, 0o644); err != nil {
		return err
	}
	err = keys.verify(ctx, r.path(r.sums()+".sig"), path)
	switch {
	case err == nil:
		return errors.New("the signature is good for other checksums too")
	case !strings.Contains(err.Error(), "BAD signature"):
		return err
	}
	return nil
}
