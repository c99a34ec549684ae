package main

import (
	"debug/buildinfo"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// document is what is looked at of a CycloneDX document.
type document struct {
	Format   string `json:"bomFormat"`
	Metadata struct {
		Component  component
		Properties []struct{ Name, Value string }
	}
	Components []component
}

type component struct{ Name, Version, PURL string }

// checkSBOM tells whether an SBOM is of this program and lists the modules that are in it, and no others.
func checkSBOM(data []byte, info *buildinfo.BuildInfo, program []byte) error {
	var sbom document
	if err := json.Unmarshal(data, &sbom); err != nil {
		return fmt.Errorf("the SBOM: %w", err)
	}
	var problems []error
	if sbom.Format != "CycloneDX" || sbom.Metadata.Component.Name != info.Main.Path || sbom.Metadata.Component.Version != info.Main.Version {
		problems = append(problems, fmt.Errorf("the SBOM is a %s document of %v, want CycloneDX and %s@%s",
			sbom.Format, sbom.Metadata.Component, info.Main.Path, info.Main.Version))
	}
	digest := ""
	for _, property := range sbom.Metadata.Properties {
		if property.Name == "cdx:gomod:binary:hash:SHA-256" {
			digest = property.Value
		}
	}
	if digest != sum(program) {
		problems = append(problems, fmt.Errorf("the SBOM is of a program with SHA-256 %q, want %q", digest, sum(program)))
	}
	var listed []string
	for _, c := range sbom.Components {
		listed = append(listed, c.Name+"@"+c.Version)
		if want := "pkg:golang/" + c.Name + "@" + c.Version; !strings.HasPrefix(c.PURL, want) {
			problems = append(problems, fmt.Errorf("the SBOM gives %s the URL %q, want %s", c.Name, c.PURL, want))
		}
	}
	if err := checkNames(listed, modules(info)); err != nil {
		problems = append(problems, fmt.Errorf("the SBOM: %w", err))
	}
	return errors.Join(problems...)
}

// modules are those that Go has written into a program, and Go's own library.
func modules(info *buildinfo.BuildInfo) []string {
	all := []string{"std@" + info.GoVersion}
	for _, module := range info.Deps {
		if module.Replace != nil {
			module = module.Replace
		}
		all = append(all, module.Path+"@"+module.Version)
	}
	return all
}
