package emulator

import (
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

func (a API) workspace(w *Workspace, createdBy string) wireWorkspace {
	out := wireWorkspace{ID: a.IDs.wire(w.ID), Name: w.Name}
	if a.NoOptionalFields {
		return out
	}
	out.CreatedAt, out.CreatedBy, out.Archived = w.CreatedAt.UTC().Format(createdAtLayout), createdBy, w.Archived
	out.Models, out.Pipelines = append([]int64{}, w.Models...), append([]int64{}, w.Pipelines...)
	if a.NumericCreatedAt {
		out.CreatedAt = w.CreatedAt.Unix()
	}
	if a.NumericCreatedBy {
		out.CreatedBy = crc32.ChecksumIEEE([]byte(createdBy))
	}
	if a.NumericArchived {
		out.Archived = 0
		if w.Archived {
			out.Archived = 1
		}
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

func (s *Server) listWorkspaces(caller *account, request listWorkspacesRequest) answer {
	wanted := request.wanted(s.opts.ListFilter)
	found := []wireWorkspace{}
	for id := range s.store.workspaces {
		w, ok := s.store.visible(id, caller)
		if ok && (len(wanted) == 0 || hasAny(w, wanted)) {
			found = append(found, s.opts.API.workspace(w, s.createdBy(w)))
		}
	}
	shuffled(found, func(w wireWorkspace) string { return fmt.Sprint(w.ID) })
	return jsonAnswer(http.StatusOK, map[string]any{"workspaces": found})
}

// createdBy returns the creator of a workspace as it is shown now: some instances replace the ID by the email later.
func (s *Server) createdBy(w *Workspace) string {
	after := s.opts.CreatedByEmailAfter
	if creator, ok := s.store.users[w.CreatedBy]; ok && after > 0 && s.opts.Now().Sub(w.CreatedAt) >= after {
		return creator.Email
	}
	return w.CreatedBy
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
		if s.opts.DuplicateNameStatus == http.StatusConflict {
			return jsonAnswer(http.StatusConflict, map[string]string{"error": "conflict"})
		}
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
	return jsonAnswer(http.StatusOK, map[string]any{"workspace_id": s.opts.IDs.wire(w.ID)})
}
