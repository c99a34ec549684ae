package main

import (
	"fmt"
	"strings"
)

const (
	// textWidth is what the indented lines of the tour may have on a screen of 80 columns.
	textWidth = 72
	// detailLines is how much of a detail the tour shows.
	detailLines = 8
)

// wrap breaks text into lines of at most textWidth, and keeps lines that are indented, as those of code are.
func wrap(text string) []string {
	var lines []string
	for paragraph := range strings.SplitSeq(text, "\n") {
		if strings.HasPrefix(paragraph, " ") || paragraph == "" {
			lines = append(lines, paragraph)
			continue
		}
		line := ""
		for word := range strings.FieldsSeq(paragraph) {
			if line != "" && len([]rune(line))+1+len([]rune(word)) > textWidth {
				lines = append(lines, line)
				line = ""
			}
			line = strings.TrimPrefix(line+" "+word, " ")
		}
		lines = append(lines, line)
	}
	return lines
}

func indent(lines []string) []string {
	indented := make([]string, len(lines))
	for i, line := range lines {
		indented[i] = strings.TrimRight("  "+line, " ")
	}
	return indented
}

// trimmed drops empty lines and what is too much for the tour.
func trimmed(lines []string) []string {
	var kept []string
	for _, line := range lines {
		if strings.TrimSpace(line) != "" {
			kept = append(kept, line)
		}
	}
	if len(kept) > detailLines {
		kept = append(kept[:detailLines], fmt.Sprintf("(and %d more lines)", len(kept)-detailLines))
	}
	return kept
}

// show tells diagnostics as the CLIs do: those of one summary together, the first one in full.
func show(diagnostics []diagnostic) []string {
	var lines []string
	seen := map[string]bool{}
	for _, d := range diagnostics {
		if seen[d.Summary] {
			continue
		}
		seen[d.Summary] = true
		lines = append(lines, strings.ToUpper(d.Severity[:1])+d.Severity[1:]+": "+d.Summary)
		lines = append(lines, indent(trimmed(wrap(d.Detail)))...)
		if more := len(about(diagnostics, d.Summary)) - 1; more > 0 {
			lines = append(lines, fmt.Sprintf("  (and %d more like this)", more))
		}
	}
	return lines
}
