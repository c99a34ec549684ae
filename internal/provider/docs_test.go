package provider_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestGuides_everySummaryIsExplained wants a heading in the guide on troubleshooting
// for each summary of a diagnostic, and none for one that is gone.
func TestGuides_everySummaryIsExplained(t *testing.T) {
	t.Parallel()

	summaries := diagnosticSummaries(t)
	guide := readText(t, "../../templates/guides/troubleshooting.md")
	ours, _, _ := strings.Cut(guide, "\n## Failed requests\n")

	var headings []string
	for _, match := range regexp.MustCompile(`(?m)^### (.+)$`).FindAllStringSubmatch(ours, -1) {
		headings = append(headings, match[1])
	}

	for summary := range summaries {
		if !slices.Contains(headings, summary) {
			t.Errorf("no heading %q", summary)
		}
	}

	for _, heading := range headings {
		if !summaries[heading] {
			t.Errorf("the heading %q is no summary", heading)
		}
	}

	if len(summaries) < 40 {
		t.Errorf("only %d summaries were found", len(summaries))
	}
}

// diagnosticSummaries are the constants that hold a summary, and the summaries that
// are given as text.
func diagnosticSummaries(t testing.TB) map[string]bool {
	t.Helper()

	// Where the methods that add a diagnostic have its summary.
	position := map[string]int{"AddError": 0, "AddWarning": 0, "AddAttributeError": 1, "AddAttributeWarning": 1}
	summaries := map[string]bool{}

	keep := func(expression ast.Expr) {
		if literal, ok := expression.(*ast.BasicLit); ok && literal.Kind == token.STRING {
			text, err := strconv.Unquote(literal.Value)
			if err != nil {
				t.Fatal(err)
			}

			summaries[text] = true
		}
	}

	paths, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}

	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}

		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}

		ast.Inspect(file, func(node ast.Node) bool {
			switch n := node.(type) {
			case *ast.ValueSpec:
				for i, name := range n.Names {
					if strings.HasPrefix(name.Name, "summary") && i < len(n.Values) {
						keep(n.Values[i])
					}
				}
			case *ast.CallExpr:
				if method, ok := n.Fun.(*ast.SelectorExpr); ok {
					if at, adds := position[method.Sel.Name]; adds && at < len(n.Args) {
						keep(n.Args[at])
					}
				}
			}

			return true
		})
	}

	return summaries
}

// TestDocs_links wants each link from one page to another to lead somewhere.
func TestDocs_links(t *testing.T) {
	t.Parallel()

	const repository = "https://github.com/wallaroo-community/terraform-provider-wallaroo/blob/main/"

	var pages []string

	for _, pattern := range []string{"*.md", "*/*.md"} {
		found, err := filepath.Glob(filepath.Join("../../docs", pattern))
		if err != nil {
			t.Fatal(err)
		}

		pages = append(pages, found...)
	}

	if len(pages) < 20 {
		t.Fatalf("only %d pages", len(pages))
	}

	for _, page := range pages {
		for _, match := range regexp.MustCompile(`\]\(([^)\s]+)\)`).FindAllStringSubmatch(readText(t, page), -1) {
			link, anchor, _ := strings.Cut(match[1], "#")
			target := filepath.Join(filepath.Dir(page), link)

			switch rest, ours := strings.CutPrefix(link, repository); {
			case ours:
				target = filepath.Join("../..", rest)
			case strings.Contains(link, "://"):
				continue
			case link == "":
				target = page
			}

			text, err := os.ReadFile(target)
			if err != nil {
				t.Errorf("%s: the link %s leads nowhere", page, match[1])
			} else if anchor != "" && !hasAnchor(string(text), anchor) {
				t.Errorf("%s: %s has no heading for #%s", page, target, anchor)
			}
		}
	}
}

// hasAnchor reports whether a page has a heading, or an anchor of the generator's, by
// that name.
func hasAnchor(page, anchor string) bool {
	if strings.Contains(page, `<a id="`+anchor+`">`) {
		return true
	}

	for _, match := range regexp.MustCompile(`(?m)^#+ (.+)$`).FindAllStringSubmatch(page, -1) {
		words := regexp.MustCompile(`[^\w -]`).ReplaceAllString(strings.ToLower(match[1]), "")
		if strings.ReplaceAll(words, " ", "-") == anchor {
			return true
		}
	}

	return false
}
