package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
)

// signIn gets a token, as the provider does.
func (i *instance) signIn(ctx context.Context) error {
	form := url.Values{
		"grant_type": {"password"}, "client_id": {emulator.SDKClientID},
		"username": {emulator.HummelEmail}, "password": {emulator.SeedPassword},
	}
	var answer struct {
		Token string `json:"access_token"`
	}
	err := i.post(ctx, "/auth/realms/master/protocol/openid-connect/token", "application/x-www-form-urlencoded", strings.NewReader(form.Encode()), &answer)
	i.token = answer.Token
	return err
}

// call is one call of the MLOps API.
func (i *instance) call(ctx context.Context, name string, request, answer any) error {
	body, err := json.Marshal(request)
	if err != nil {
		return err
	}
	return i.post(ctx, "/v1/api/"+name, "application/json", bytes.NewReader(body), answer)
}

func (i *instance) post(ctx context.Context, path, contentType string, body io.Reader, answer any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, i.url+path, body)
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", contentType)
	if i.token != "" {
		req.Header.Set("Authorization", "Bearer "+i.token)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("POST %s: %s: %s", path, resp.Status, bytes.TrimSpace(text))
	}
	if err != nil {
		return err
	}
	return json.Unmarshal(text, answer)
}

// workspaces returns the ids of all workspaces by name.
func (i *instance) workspaces(ctx context.Context) (map[string]int64, error) {
	var answer struct {
		Workspaces []struct {
			ID   int64  `json:"id"`
			Name string `json:"name"`
		} `json:"workspaces"`
	}
	err := i.call(ctx, "workspaces/list", struct{}{}, &answer)
	ids := map[string]int64{}
	for _, w := range answer.Workspaces {
		ids[w.Name] = w.ID
	}
	return ids, err
}

// roles returns the members of a workspace by user id.
func (i *instance) roles(ctx context.Context, workspaceID int64) (map[string]string, error) {
	var answer struct {
		Users []struct {
			ID   string `json:"user_id"`
			Role string `json:"user_type"`
		} `json:"users"`
	}
	err := i.call(ctx, "workspaces/list_users", map[string]int64{"workspace_id": workspaceID}, &answer)
	roles := map[string]string{}
	for _, u := range answer.Users {
		roles[u.ID] = u.Role
	}
	return roles, err
}

// removeMember removes a member behind the provider's back.
func (i *instance) removeMember(ctx context.Context, workspaceID int64, userID string) error {
	var answer struct {
		Rows int `json:"affected_rows"`
	}
	err := i.call(ctx, "workspaces/remove_user", map[string]any{"workspace_id": workspaceID, "user_id": userID}, &answer)
	if err == nil && answer.Rows != 1 {
		err = fmt.Errorf("remove_user affected %d rows, not 1", answer.Rows)
	}
	return err
}
