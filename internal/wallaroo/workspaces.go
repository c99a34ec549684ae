package wallaroo

import (
	"context"
	"errors"
	"fmt"
)

// Workspace is one workspace as the instance lists it.
type Workspace struct {
	// ID is the instance-wide number of the workspace. Ids have gaps.
	ID int64
	// Name is unique on most instances. Default workspaces have names that
	// cannot be created through the API.
	Name string
	// CreatedAt is an RFC 3339 time, as the instance wrote it.
	CreatedAt string
	// CreatedBy is a user id, an e-mail or empty, by the instance's version. It
	// can change once, on its own.
	CreatedBy string
	// Archived is set by the instance; the API cannot change it.
	Archived bool
	// Models are the ids of the models uploaded to the workspace.
	Models []int64
	// Pipelines are the ids of the pipelines built in the workspace.
	Pipelines []int64
}

// ListWorkspaces returns the workspaces that the caller may see, in no order.
// userIDs asks for those of some users; instances differ in whether they heed it.
func (c *Client) ListWorkspaces(ctx context.Context, userIDs ...string) ([]Workspace, error) {
	return call[workspaceList](ctx, c, read("workspaces/list"), userFilter{UserIDs: userIDs})
}

// CreateWorkspace makes a workspace that the caller owns, and returns its id.
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
	ID number `json:"workspace_id"`
}

func (d createdWorkspace) result() (int64, error) {
	if d.ID <= 0 {
		return 0, errors.New(`no valid "workspace_id"`)
	}
	return int64(d.ID), nil
}

type workspaceList struct {
	Workspaces *[]workspaceRecord `json:"workspaces"`
}

type workspaceRecord struct {
	ID        number            `json:"id"`
	Name      *string           `json:"name"`
	CreatedAt optional[string]  `json:"created_at"`
	CreatedBy optional[string]  `json:"created_by"`
	Archived  optional[bool]    `json:"archived"`
	Models    optional[[]int64] `json:"models"`
	Pipelines optional[[]int64] `json:"pipelines"`
}

func (d workspaceList) result() ([]Workspace, error) {
	if d.Workspaces == nil {
		return nil, errors.New(`no "workspaces"`)
	}
	seen := make(map[number]bool, len(*d.Workspaces))
	workspaces := make([]Workspace, 0, len(*d.Workspaces))
	for i, record := range *d.Workspaces {
		switch {
		case record.ID <= 0:
			return nil, fmt.Errorf(`no valid "id" in workspace %d of the list`, i+1)
		case record.Name == nil:
			return nil, fmt.Errorf(`no "name" in workspace %d`, record.ID)
		case seen[record.ID]:
			return nil, fmt.Errorf("workspace %d twice", record.ID)
		}
		seen[record.ID] = true
		workspaces = append(workspaces, Workspace{
			ID: int64(record.ID), Name: *record.Name,
			CreatedAt: record.CreatedAt.value, CreatedBy: record.CreatedBy.value, Archived: record.Archived.value,
			Models: record.Models.value, Pipelines: record.Pipelines.value,
		})
	}
	return workspaces, nil
}
