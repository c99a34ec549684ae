package emulator

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"net/http"
	"slices"
	"strconv"
)

// createdAtLayout is how the database behind Wallaroo prints a time: up to six digits, no trailing zeros.
const createdAtLayout = "2006-01-02T15:04:05.999999-07:00"

// wireWorkspace is a workspace as workspaces/list answers it. Fields are of any type, as variants of the API differ there;
// a nil one is left out.
type wireWorkspace struct {
	ID        any    `json:"id"`
	Name      string `json:"name"`
	CreatedAt any    `json:"created_at,omitempty"`
	CreatedBy any    `json:"created_by,omitempty"`
	Archived  any    `json:"archived,omitempty"`
	Models    any    `json:"models,omitempty"`
	Pipelines any    `json:"pipelines,omitempty"`
}

func (a API) wireWorkspace(w Workspace) wireWorkspace {
	out := wireWorkspace{ID: a.IDs.wire(w.ID), Name: w.Name}
	if a.NoOptionalFields {
		return out
	}

	out.CreatedAt, out.CreatedBy, out.Archived = w.CreatedAt.UTC().Format(createdAtLayout), w.CreatedBy, w.Archived

	out.Models, out.Pipelines = append([]int64{}, w.Models...), append([]int64{}, w.Pipelines...)
	if a.NumericCreatedAt {
		out.CreatedAt = w.CreatedAt.Unix()
	}

	if a.NumericCreatedBy {
		out.CreatedBy = crc32.ChecksumIEEE([]byte(w.CreatedBy))
	}

	if a.NumericArchived {
		out.Archived = map[bool]int{true: 1}[w.Archived]
	}

	if a.TextModels {
		out.Models, out.Pipelines = texts(w.Models), texts(w.Pipelines)
	}

	return out
}

// wire returns an ID as a value that JSON prints in that form.
func (f IDForm) wire(id int64) any {
	switch f {
	case IDText:
		return strconv.FormatInt(id, 10)
	case IDFloat:
		return json.Number(strconv.FormatInt(id, 10) + ".0")
	}

	return id
}

func texts(ids []int64) []string {
	out := make([]string, len(ids))
	for i, id := range ids {
		out[i] = strconv.FormatInt(id, 10)
	}

	return out
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

func (s *Server) listWorkspaces(ctx context.Context, caller User, request listWorkspacesRequest) (any, error) {
	opts := s.options()
	found := []wireWorkspace{}

	for _, w := range s.visibleTo(caller, request.wanted(opts.ListFilter)) {
		if after := opts.CreatedByEmailAfter; after > 0 && opts.Now().Sub(w.CreatedAt) >= after {
			creator, err := s.directory.ByID(ctx, w.CreatedBy)
			if err != nil {
				return nil, err
			}

			if creator != nil {
				w.CreatedBy = creator.Email
			}
		}

		found = append(found, opts.wireWorkspace(w))
	}

	shuffled(found, func(w wireWorkspace) string { return fmt.Sprint(w.ID) })

	return map[string]any{"workspaces": found}, nil
}

// visibleTo returns the workspaces that the caller may see, without their members. If users are given, it returns those of
// at least one of them.
func (s *Server) visibleTo(caller User, userIDs []string) []Workspace {
	s.mu.Lock()
	defer s.mu.Unlock()

	var out []Workspace

	for id := range s.store.workspaces {
		if w, ok := s.store.visible(id, caller); ok && (len(userIDs) == 0 || hasAny(w, userIDs)) {
			listed := *w // Models and Pipelines only ever grow, so the copy may share them.
			listed.Members = nil
			out = append(out, listed)
		}
	}

	return out
}

func hasAny(w *Workspace, userIDs []string) bool {
	return slices.ContainsFunc(userIDs, func(id string) bool {
		_, ok := w.Members[id]
		return ok
	})
}

type createWorkspaceRequest struct {
	Name *string `json:"workspace_name"`
}

func (s *Server) createWorkspace(_ context.Context, caller User, request createWorkspaceRequest) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()

	if request.Name == nil || *request.Name == "" {
		return nil, refuse(http.StatusBadRequest, "workspace_name is required")
	}

	if !s.opts.DuplicateNames && s.store.nameInUse(*request.Name) {
		return nil, s.opts.nameInUse()
	}

	w := &Workspace{
		ID:        s.store.nextID(),
		Name:      *request.Name,
		CreatedAt: s.opts.Now(),
		CreatedBy: s.opts.CreatedBy.of(caller),
		Members:   map[string]string{caller.ID: Owner},
	}
	s.store.workspaces[w.ID] = w

	return map[string]any{"workspace_id": s.opts.IDs.wire(w.ID)}, nil
}

// nameInUse returns the error for a name that another workspace has.
func (a API) nameInUse() error {
	if a.DuplicateNameStatus == http.StatusConflict {
		return &apiError{a.DuplicateNameStatus, map[string]string{"error": "conflict"}}
	}

	return refuse(cmp.Or(a.DuplicateNameStatus, http.StatusBadRequest), "Uniqueness violation. duplicate key value violates unique constraint %q", "workspace_name_key")
}
