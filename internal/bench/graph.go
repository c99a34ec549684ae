package main

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// The subjects of a measurement. The first two are the floors.
const (
	core = "terraform_data"
	idle = "idle"
	ours = "wallaroo"
)

//go:embed graphs
var graphs embed.FS

// member is one who is to be in a workspace.
type member struct {
	Workspace string `json:"workspace"`
	Email     string `json:"email"`
}

// data is what the graphs of all subjects read, so that they have the same instances.
type data struct {
	Workspaces []string            `json:"workspaces"`
	Members    map[string]member   `json:"members"`
	Teams      map[string][]string `json:"teams"`
}

func newData(members int) data {
	d := data{Members: map[string]member{}, Teams: map[string][]string{}}
	for i := range workspaces {
		name := fmt.Sprintf("bench-%02d", i)
		d.Workspaces = append(d.Workspaces, name)
		d.Teams[name] = []string{}
	}
	for i := range members {
		m := member{Workspace: d.Workspaces[i%workspaces], Email: fmt.Sprintf("member-%05d@example.com", i)}
		d.Members[fmt.Sprintf("%05d", i)] = m
		d.Teams[m.Workspace] = append(d.Teams[m.Workspace], m.Email)
	}
	return d
}

// write lays out the folder of one subject. Both providers have the same graph, word for word.
func (d data) write(dir, form, subject string) error {
	name := "graphs/" + form + ".tf"
	if subject == core {
		name = "graphs/" + form + "-" + core + ".tf"
	}
	graph, err := graphs.ReadFile(name)
	if err != nil {
		return err
	}
	text := strings.ReplaceAll(string(graph), "PROVIDER", subject)
	list, err := json.Marshal(d)
	if err != nil {
		return err
	}
	return errors.Join(
		os.MkdirAll(dir, 0o755),
		os.WriteFile(filepath.Join(dir, "main.tf"), []byte(text), 0o600),
		os.WriteFile(filepath.Join(dir, "data.json"), list, 0o600),
	)
}
