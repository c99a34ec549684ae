package emulator

import (
	"context"
	"net/http"
	"strconv"
)

type queryUsersRequest struct {
	UserIDs []string `json:"user_ids"`
}

// serveUsersQuery answers users/query as API.UsersQuery says.
func (s *Server) serveUsersQuery(w http.ResponseWriter, r *http.Request) {
	switch variant := s.options().UsersQuery; variant {
	case UsersQueryWorks, "":
		endpoint(s, s.queryUsers)(w, r)
	case UsersQueryEmpty:
		jsonResponse(http.StatusOK, struct{}{}).write(w)
	case UsersQueryHTML:
		htmlResponse(http.StatusOK, "<html><body><h1>Log in</h1></body></html>").write(w)
	case UsersQueryClosed:
		panic(http.ErrAbortHandler)
	default:
		status, _ := strconv.Atoi(variant)
		errorResponse(status, "the users of this instance cannot be queried").write(w)
	}
}

func (s *Server) queryUsers(ctx context.Context, _ User, request queryUsersRequest) (any, error) {
	users := map[string]map[string]any{}

	if request.UserIDs == nil {
		all, err := s.directory.All(ctx)
		for _, u := range all {
			users[u.ID] = u.Representation()
		}

		return map[string]any{"users": users}, err
	}

	for _, id := range request.UserIDs {
		u, err := s.directory.ByID(ctx, id)
		if err != nil {
			return nil, err
		}

		users[id] = nil
		if u != nil && !u.ServiceAccount {
			users[id] = u.Representation()
		}
	}

	return map[string]any{"users": users}, nil
}
