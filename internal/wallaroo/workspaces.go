package wallaroo

import (
	"context"
	"errors"
	"fmt"
)

// Workspace is one workspace as the instance lists it.
type Workspace struct {
	// ID is the numeric ID of the workspace. IDs have gaps.
	ID int64
	// Name is unique on most instances. Default workspaces have names that
	// cannot be created through the API.
	Name string
	// CreatedAt is an RFC 3339 time, as the instance wrote it.
	CreatedAt string
	// CreatedBy is a user ID, an email or empty, by the instance's version. It
	// can change once, on its own.
	CreatedBy string
	// Archived is set by the instance; the API cannot change it.
	Archived bool
	// Models are the IDs of the models uploaded to the workspace.
	Models []int64
	// Pipelines are the IDs of the pipelines built in the workspace.
	Pipelines []int64
}

// ListWorkspaces returns the workspaces that are accessible to the caller, in no
// order. userIDs asks for those of some users; instances differ in whether they
// heed it.
func (c *Client) ListWorkspaces(ctx context.Context, userIDs ...string) ([]Workspace, error) {
	return call[workspaceList](ctx, c, read("workspaces/list"), userFilter{UserIDs: userIDs})
}

// CreateWorkspace creates a workspace that the caller owns, and returns its ID.
// It is not idempotent: after an ambiguous error, look before trying again.
func (c *Client) CreateWorkspace(ctx context.Context, name string) (int64, error) {
	return call[createdWorkspace](ctx, c, write("workspaces/create"), newWorkspace{Name: name})
}

type userFilter struct {
	UserIDs []string `json:"user_ids,omitempty"`
}

type newWorkspace struct {
	Name string `json:"workspace_name"`
}

type createdWorkspace struct {
	ID scalar `json:"workspace_id"`
}

func (b createdWorkspace) value() (int64, error) {
	id := b.ID.integer()
	if id <= 0 {
		return 0, errors.New(`no valid "workspace_id"`)
	}

	return id, nil
}

type workspaceList struct {
	Workspaces list[workspaceRecord, Workspace] `json:"workspaces"`
}

func (b workspaceList) value() ([]Workspace, error) {
	if !b.Workspaces.present {
		return nil, errors.New(`no "workspaces"`)
	}

	seen := make(map[int64]bool, len(b.Workspaces.values))
	for _, workspace := range b.Workspaces.values {
		if seen[workspace.ID] {
			return nil, fmt.Errorf("workspace %d twice", workspace.ID)
		}

		seen[workspace.ID] = true
	}

	return b.Workspaces.values, nil
}

type workspaceRecord struct {
	ID        scalar            `json:"id"`
	Name      *string           `json:"name"`
	CreatedAt optional[string]  `json:"created_at"`
	CreatedBy optional[string]  `json:"created_by"`
	Archived  optional[bool]    `json:"archived"`
	Models    optional[[]int64] `json:"models"`
	Pipelines optional[[]int64] `json:"pipelines"`
}

func (b workspaceRecord) value() (Workspace, error) {
	id := b.ID.integer()
	switch {
	case id <= 0:
		return Workspace{}, errors.New(`no valid "id"`)
	case b.Name == nil:
		return Workspace{}, errors.New(`no "name"`)
	}

	return Workspace{
		ID: id, Name: *b.Name, CreatedAt: b.CreatedAt.value, CreatedBy: b.CreatedBy.value, Archived: b.Archived.value,
		Models: b.Models.value, Pipelines: b.Pipelines.value,
	}, nil
}
