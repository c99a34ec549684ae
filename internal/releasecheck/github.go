package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

// gitHub is as much of GitHub's API as a release needs. It keeps the uploads in a folder.
type gitHub struct {
	url, dir string
	close    func()

	mu      sync.Mutex
	drafts  []draft
	strange []string
}

// draft is a release as goreleaser creates it.
type draft struct {
	TagName string `json:"tag_name"`
	Body    string `json:"body"`
	Draft   bool   `json:"draft"`
}

func newGitHub(dir string) (*gitHub, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	g := &gitHub{dir: dir}
	const repository = "/repos/wallaroo-community/terraform-provider-wallaroo/releases"
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/v3/rate_limit", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"resources":{"core":{"limit":5000,"remaining":5000}}}`)
	})
	mux.HandleFunc("GET /api/v3"+repository+"/tags/{tag}", func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, `{"message":"Not Found"}`, http.StatusNotFound)
	})
	mux.HandleFunc("POST /api/v3"+repository, g.create)
	mux.HandleFunc("POST /api/uploads"+repository+"/1/assets", g.upload)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.strange = append(g.strange, r.Method+" "+r.URL.Path)
		http.Error(w, `{"message":"release-check knows no such call"}`, http.StatusNotFound)
	})
	server := httptest.NewServer(mux)
	g.url, g.close = server.URL, server.Close
	return g, nil
}

func (g *gitHub) create(w http.ResponseWriter, r *http.Request) {
	var created draft
	if err := json.NewDecoder(r.Body).Decode(&created); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.drafts = append(g.drafts, created)
	w.WriteHeader(http.StatusCreated)
	_, _ = io.WriteString(w, `{"id":1,"draft":true}`)
}

// upload keeps a file. A second one of the same name is refused, as GitHub does.
func (g *gitHub) upload(w http.ResponseWriter, r *http.Request) {
	file, err := os.OpenFile(filepath.Join(g.dir, filepath.Base(r.URL.Query().Get("name"))), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err == nil {
		_, err = io.Copy(file, r.Body)
		err = errors.Join(err, file.Close())
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusUnprocessableEntity)
		return
	}
	w.WriteHeader(http.StatusCreated)
	_, _ = io.WriteString(w, `{"id":2}`)
}

// check tells whether one draft was made, with the notes of the changelog, and nothing else was asked for, such as
// to publish it.
func (g *gitHub) check(notes string) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.strange) > 0 {
		return fmt.Errorf("goreleaser asked GitHub for more than a draft: %v", slices.Compact(g.strange))
	}
	if len(g.drafts) != 1 || !g.drafts[0].Draft {
		return fmt.Errorf("goreleaser made %d releases, want one draft", len(g.drafts))
	}
	if strings.TrimSpace(g.drafts[0].Body) != strings.TrimSpace(notes) {
		return fmt.Errorf("the release's notes are not those of the changelog: %q", g.drafts[0].Body)
	}
	return nil
}
