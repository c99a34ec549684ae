package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"debug/buildinfo"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
)

// member is one file of an archive.
type member struct {
	name string
	mode fs.FileMode
	data []byte
}

// read returns what is in an archive.
func (r release) read(archive string) ([]member, error) {
	data, err := os.ReadFile(r.path(archive))
	if err != nil {
		return nil, err
	}
	if strings.HasSuffix(archive, ".zip") {
		return readZip(data)
	}
	return readTar(data)
}

func readZip(data []byte) ([]member, error) {
	archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, err
	}
	var members []member
	for _, file := range archive.File {
		reader, err := file.Open()
		if err != nil {
			return nil, err
		}
		content, err := io.ReadAll(reader)
		if err := errors.Join(err, reader.Close()); err != nil {
			return nil, err
		}
		members = append(members, member{file.Name, file.Mode(), content})
	}
	return members, nil
}

func readTar(data []byte) ([]member, error) {
	unzipped, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	archive := tar.NewReader(unzipped)
	var members []member
	for {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return members, nil
		}
		if err != nil {
			return nil, err
		}
		content, err := io.ReadAll(archive)
		if err != nil {
			return nil, err
		}
		members = append(members, member{header.Name, header.FileInfo().Mode(), content})
	}
}

// executable returns the program of an archive: the only file of a zip, or the first of the emulator's two.
func (r release) executable(archive string) ([]byte, error) {
	members, err := r.read(archive)
	if err != nil {
		return nil, err
	}
	if len(members) == 0 {
		return nil, fmt.Errorf("%s is empty", archive)
	}
	return members[len(members)-1].data, nil
}

// checkArchive checks an archive for a platform: its files, the program, and the SBOM.
func (r release) checkArchive(archive string, p platform) error {
	members, err := r.read(archive)
	if err != nil {
		return err
	}
	suffix := ""
	if p.os == "windows" {
		suffix = ".exe"
	}
	expected := []string{"LICENSE", "wallaroo-emulator" + suffix}
	if strings.HasSuffix(archive, ".zip") {
		expected = []string{"terraform-provider-wallaroo_v" + r.version + suffix}
	}
	if err := checkMembers(members, expected); err != nil {
		return err
	}
	program := members[len(members)-1].data
	info, err := buildinfo.Read(bytes.NewReader(program))
	if err != nil {
		return err
	}
	sbom, err := os.ReadFile(r.path(bill(archive)))
	if err != nil {
		return err
	}
	fmt.Printf("    %-58s %10d bytes\n", archive, len(program))
	return errors.Join(checkBuild(info, p, r.version), checkProgram(program, p.os), checkSBOM(sbom, info, program))
}

// checkMembers tells whether an archive has these files in this order, and the last one, the program, can be run.
func checkMembers(members []member, expected []string) error {
	var names []string
	for _, m := range members {
		names = append(names, m.name)
	}
	if strings.Join(names, "\n") != strings.Join(expected, "\n") {
		return fmt.Errorf("holds %q, want %q", names, expected)
	}
	if mode := members[len(members)-1].mode; mode != 0o755 {
		return fmt.Errorf("the program's mode is %v, want %v", mode, fs.FileMode(0o755))
	}
	return nil
}
