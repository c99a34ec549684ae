package main

import (
	"bytes"
	"debug/buildinfo"
	"debug/elf"
	"debug/macho"
	"debug/pe"
	"errors"
	"fmt"
	"strings"
)

// largest is how many bytes a program may have.
const largest = 20_000_000

// checkBuild tells whether a program was built as releases are: for this platform, from a clean checkout of the tag,
// without C, without the paths of the machine that built it, and without what only tests need.
func checkBuild(info *buildinfo.BuildInfo, p platform, version string) error {
	settings := map[string]string{"main module": info.Main.Version}
	for _, setting := range info.Settings {
		settings[setting.Key] = setting.Value
	}
	var problems []error
	for key, want := range map[string]string{
		"main module": "v" + version, "GOOS": p.os, "GOARCH": p.arch, "CGO_ENABLED": "0", "-trimpath": "true", "vcs.modified": "false",
		"-cover": "", "-gcflags": "", "-race": "",
	} {
		if settings[key] != want {
			problems = append(problems, fmt.Errorf("was built with %s=%q, want %q", key, settings[key], want))
		}
	}
	return errors.Join(problems...)
}

// checkProgram tells whether a program is small, static and stripped.
func checkProgram(data []byte, os string) error {
	var libraries, sections []string
	var err error
	switch os {
	case "darwin":
		libraries, sections, err = readMachO(data)
	case "windows":
		libraries, sections, err = readPE(data)
	default:
		libraries, sections, err = readELF(data)
	}
	return errors.Join(err, judge(len(data), libraries, sections))
}

func judge(size int, libraries, sections []string) error {
	var problems []error
	if size > largest {
		problems = append(problems, fmt.Errorf("the program has %d bytes, more than %d", size, largest))
	}
	if len(libraries) > 0 {
		problems = append(problems, fmt.Errorf("the program needs %v", libraries))
	}
	for _, section := range sections {
		if strings.Contains(section, "debug_") || section == ".symtab" {
			problems = append(problems, fmt.Errorf("the program is not stripped: it has %s", section))
		}
	}
	return errors.Join(problems...)
}

// readELF returns what a program of Linux or FreeBSD loads, and its sections.
func readELF(data []byte) (libraries, sections []string, err error) {
	file, err := elf.NewFile(bytes.NewReader(data))
	if err != nil {
		return nil, nil, err
	}
	libraries, err = file.ImportedLibraries()
	for _, program := range file.Progs {
		if program.Type == elf.PT_INTERP {
			libraries = append(libraries, "a dynamic linker")
		}
	}
	for _, section := range file.Sections {
		sections = append(sections, section.Name)
	}
	return libraries, sections, err
}

// readMachO leaves out what belongs to macOS, which has no static programs.
func readMachO(data []byte) (libraries, sections []string, err error) {
	file, err := macho.NewFile(bytes.NewReader(data))
	if err != nil {
		return nil, nil, err
	}
	all, err := file.ImportedLibraries()
	for _, library := range all {
		if !hasPrefix(library, []string{"/usr/lib/", "/System/Library/"}) {
			libraries = append(libraries, library)
		}
	}
	for _, section := range file.Sections {
		sections = append(sections, section.Name)
	}
	return libraries, sections, err
}

// readPE leaves out Windows' kernel, by which every program calls the system, and the table of symbols if it is empty:
// Go always writes one.
func readPE(data []byte) (libraries, sections []string, err error) {
	file, err := pe.NewFile(bytes.NewReader(data))
	if err != nil {
		return nil, nil, err
	}
	symbols, err := file.ImportedSymbols()
	for _, symbol := range symbols {
		if _, library, _ := strings.Cut(symbol, ":"); library != "kernel32.dll" {
			libraries = append(libraries, library)
		}
	}
	for _, section := range file.Sections {
		if section.Name != ".symtab" || file.NumberOfSymbols > 0 {
			sections = append(sections, section.Name)
		}
	}
	return libraries, sections, err
}
