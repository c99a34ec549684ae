package emulator

import (
	"errors"
	"fmt"
	"maps"
	"slices"
)

// AddWorkspace puts a workspace in place, as somebody else would, and returns its ID. It panics if the ID is in use, or
// if the name is and API.DuplicateNames is not set: both are mistakes of the caller.
func (s *Server) AddWorkspace(workspace Workspace) int64 {
	id, err := s.addWorkspace(workspace.copy())
	if err != nil {
		panic("emulator: " + err.Error())
	}

	return id
}

func (s *Server) addWorkspace(w Workspace) (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()

	members := map[string]string{}

	for id, role := range w.Members {
		known, ok := parseRole(role)
		if !ok {
			return 0, fmt.Errorf("member %q has the unknown role %q", id, role)
		}

		members[id] = known
	}

	w.Members = members

	_, found := s.store.workspaces[w.ID]
	switch {
	case w.ID < 0:
		return 0, fmt.Errorf("workspace ID %d is negative", w.ID)
	case found:
		return 0, fmt.Errorf("workspace ID %d is already in use", w.ID)
	case w.Name == "":
		return 0, errors.New("a workspace has no name")
	case !s.opts.DuplicateNames && s.store.nameInUse(w.Name):
		return 0, fmt.Errorf("workspace name %q is already in use", w.Name)
	case w.ID == 0:
		w.ID = s.store.nextID()
	}

	s.store.lastID = max(s.store.lastID, w.ID)
	if w.CreatedAt.IsZero() {
		w.CreatedAt = s.opts.Now()
	}

	s.store.workspaces[w.ID] = &w

	return w.ID, nil
}

// Workspaces returns copies of all workspaces, hidden ones too, sorted by ID.
func (s *Server) Workspaces() []Workspace {
	s.mu.Lock()
	defer s.mu.Unlock()

	out := make([]Workspace, 0, len(s.store.workspaces))
	for _, id := range slices.Sorted(maps.Keys(s.store.workspaces)) {
		out = append(out, s.store.workspaces[id].copy())
	}

	return out
}

// Workspace returns a copy of a workspace, and whether there is one with that ID.
func (s *Server) Workspace(id int64) (Workspace, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()

	w, ok := s.store.workspaces[id]
	if !ok {
		return Workspace{}, false
	}

	return w.copy(), true
}

// WorkspaceID returns the lowest ID of a workspace with that name, or 0.
func (s *Server) WorkspaceID(name string) int64 {
	for _, w := range s.Workspaces() {
		if w.Name == name {
			return w.ID
		}
	}

	return 0
}

// Members maps the user IDs of a workspace to Owner or Collaborator. It is empty for an unknown workspace.
func (s *Server) Members(workspaceID int64) map[string]string {
	w, _ := s.Workspace(workspaceID)
	return w.Members
}

// SetMember makes a user a member with that role, in any letter case. Like the other changes of one workspace, it
// panics if there is no such workspace.
func (s *Server) SetMember(workspaceID int64, userID, role string) {
	known, ok := parseRole(role)
	if !ok {
		panic(fmt.Sprintf("emulator: there is no role %q", role))
	}

	s.change(workspaceID, func(w *Workspace) { w.Members[userID] = known })
}

// RemoveMember ends a membership; it is nothing if there is none.
func (s *Server) RemoveMember(workspaceID int64, userID string) {
	s.change(workspaceID, func(w *Workspace) { delete(w.Members, userID) })
}

// HideWorkspace sets whether a workspace is visible to nobody. Its name stays in use.
func (s *Server) HideWorkspace(id int64, hidden bool) {
	s.change(id, func(w *Workspace) { w.Hidden = hidden })
}

// ArchiveWorkspace sets whether a workspace is archived.
func (s *Server) ArchiveWorkspace(id int64, archived bool) {
	s.change(id, func(w *Workspace) { w.Archived = archived })
}

// RenameWorkspace gives a workspace another name, which no call of the API can.
func (s *Server) RenameWorkspace(id int64, name string) {
	s.change(id, func(w *Workspace) { w.Name = name })
}

// SetCreatedBy changes what a workspace names as its creator, as an upgrade of an instance does.
func (s *Server) SetCreatedBy(id int64, createdBy string) {
	s.change(id, func(w *Workspace) { w.CreatedBy = createdBy })
}

// AddModel adds a model ID to a workspace.
func (s *Server) AddModel(workspaceID, modelID int64) {
	s.change(workspaceID, func(w *Workspace) { w.Models = append(w.Models, modelID) })
}

// AddPipeline adds a pipeline ID to a workspace.
func (s *Server) AddPipeline(workspaceID, pipelineID int64) {
	s.change(workspaceID, func(w *Workspace) { w.Pipelines = append(w.Pipelines, pipelineID) })
}

// RemoveWorkspace deletes a workspace, which no call of the API can, and its name is free again.
func (s *Server) RemoveWorkspace(id int64) {
	s.mu.Lock()
	defer s.mu.Unlock()

	delete(s.store.workspaces, id)
}

func (s *Server) change(id int64, change func(*Workspace)) {
	s.mu.Lock()
	defer s.mu.Unlock()

	w, ok := s.store.workspaces[id]
	if !ok {
		panic(fmt.Sprintf("emulator: there is no workspace %d", id))
	}

	change(w)
}

// options returns the options as they are now.
func (s *Server) options() Options {
	s.mu.Lock()
	defer s.mu.Unlock()

	return s.opts
}
