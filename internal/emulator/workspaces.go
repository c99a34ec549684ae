package emulator

import (
	"context"
	"net/http"
	"slices"
	"strconv"
)

// createdAtLayout is how the database behind Wallaroo prints a time: up to six digits, no trailing zeros.
const createdAtLayout = "2006-01-02T15:04:05.999999-07:00"

type wireWorkspace struct {
	ID        int64   `json:"id"`
	Name      string  `json:"name"`
	CreatedAt string  `json:"created_at"`
	CreatedBy string  `json:"created_by"`
	Archived  bool    `json:"archived"`
	Models    []int64 `json:"models"`
	Pipelines []int64 `json:"pipelines"`
}

func toWire(w *Workspace) wireWorkspace {
	return wireWorkspace{
		ID:        w.ID,
		Name:      w.Name,
		CreatedAt: w.CreatedAt.UTC().Format(createdAtLayout),
		CreatedBy: w.CreatedBy,
		Archived:  w.Archived,
		Models:    append([]int64{}, w.Models...),
		Pipelines: append([]int64{}, w.Pipelines...),
	}
}

type listWorkspacesRequest struct {
	UserID  *string  `json:"user_id"`
	UserIDs []string `json:"user_ids"`
}

// wanted returns the users whose workspaces are asked for; none means no filter.
func (r listWorkspacesRequest) wanted(filter ListFilter) []string {
	switch {
	case filter == ListFilterUserID && r.UserID != nil:
		return []string{*r.UserID}
	case filter == ListFilterUserIDs:
		return r.UserIDs
	}
	return nil
}

func (s *Server) listWorkspaces(caller *account, request listWorkspacesRequest) answer {
	wanted := request.wanted(s.opts.ListFilter)
	found := []wireWorkspace{}
	for id := range s.store.workspaces {
		w, ok := s.store.visible(id, caller)
		if ok && (len(wanted) == 0 || hasAny(w, wanted)) {
			found = append(found, toWire(w))
		}
	}
	shuffled(found, func(w wireWorkspace) string { return strconv.FormatInt(w.ID, 10) })
	return jsonAnswer(http.StatusOK, map[string]any{"workspaces": found})
}

func hasAny(w *Workspace, userIDs []string) bool {
	return slices.ContainsFunc(userIDs, func(id string) bool {
		_, ok := w.Members[id]
		return ok
	})
}

type createWorkspaceRequest struct {
	Name *string `json:"workspace_name"`

	creator *account
}

// find looks up the caller, whose e-mail a token need not have.
func (r *createWorkspaceRequest) find(ctx context.Context, users directory, caller *account) error {
	creator, err := users.byID(ctx, caller.ID)
	if err == nil && creator == nil {
		err = errUnauthorized
	}
	r.creator = creator
	return err
}

func (s *Server) createWorkspace(_ *account, request createWorkspaceRequest) answer {
	if request.Name == nil || *request.Name == "" {
		return apiError(http.StatusBadRequest, "workspace_name is required")
	}
	name := *request.Name
	if !s.opts.DuplicateNames && s.store.nameTaken(name) {
		return apiError(s.opts.DuplicateNameStatus,
			"Uniqueness violation. duplicate key value violates unique constraint %q", "workspace_name_key")
	}
	createdBy := request.creator.Email
	if s.opts.CreatedBy == CreatedByID {
		createdBy = request.creator.ID
	}
	w := &Workspace{
		ID:        s.store.nextID(),
		Name:      name,
		CreatedAt: s.opts.Now(),
		CreatedBy: createdBy,
		Members:   map[string]string{request.creator.ID: Owner},
	}
	s.store.workspaces[w.ID] = w
	return jsonAnswer(http.StatusOK, map[string]int64{"workspace_id": w.ID})
}
