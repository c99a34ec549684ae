package emulator

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator/keycloak"
)

// The accounts and clients of the seeds of this package.
const (
	// HummelID is the ID of john.hummel@wallaroo.ai, who owns every seeded workspace.
	HummelID = "12ea09d1-0f49-405e-bed1-27eb6d10fde4"
	// HummelEmail is the email and user name of the owner of every seeded workspace.
	HummelEmail = "john.hummel@wallaroo.ai"
	// HansarickID is the ID of john.hansarick@wallaroo.ai, who is no member of any seeded workspace.
	HansarickID = "57d61aed-3058-4327-9e65-a5d39a9718c0"
	// HansarickEmail is the email and user name of the second account.
	HansarickEmail = "john.hansarick@wallaroo.ai"
	// AdminID is the ID of the account that sees every workspace and has no email.
	AdminID = "8c4a7b52-6d0e-4f3b-9a1c-2e5d7f90b314"
	// AdminUsername is the user name of that account.
	AdminUsername = "admin"
	// ServiceAccountID is the ID of the account behind APIClientID, which every instance has.
	ServiceAccountID = keycloak.ServiceAccountID
	// SeedPassword is the password of every account that is given none.
	SeedPassword = keycloak.DefaultPassword
	// SeedToken is the opaque bearer token of the first account by default.
	SeedToken = "emulator-token"
	// SDKClientID is the public client: it has no secret.
	SDKClientID = keycloak.SDKClientID
	// APIClientID is the confidential client, which also has an account of its own.
	APIClientID = keycloak.APIClientID
	// APIClientSecret is the secret of APIClientID.
	APIClientSecret = keycloak.APIClientSecret
)

// Seed is what a new instance has.
type Seed struct {
	Users      []User      `json:"users"`
	Workspaces []Workspace `json:"workspaces"`
}

// The seeds. All have the same accounts.
var (
	// SeedAccounts has no workspace: nobody has a default one.
	SeedAccounts = Seed{Users: guideUsers}
	// SeedEmpty has the default workspace (ID 1) of john.hummel@wallaroo.ai.
	SeedEmpty = Seed{Users: guideUsers, Workspaces: []Workspace{
		guideWorkspace(1, HummelEmail+" - Default Workspace", "", guideTime(20, 16, 5, 6, 323911), nil, nil),
	}}
	// SeedGuide has the six workspaces of Wallaroo's API guide, all owned by john.hummel@wallaroo.ai. The next ID is 10.
	SeedGuide = Seed{Users: guideUsers, Workspaces: guideWorkspaces}
)

var guideUsers = []User{
	{ID: HummelID, Email: HummelEmail, FirstName: "John", LastName: "Hummel", CreatedAt: guideTime(20, 16, 0, 0, 0)},
	{ID: HansarickID, Email: HansarickEmail, FirstName: "John", LastName: "Hansarick", CreatedAt: guideTime(20, 16, 0, 0, 0)},
	{ID: AdminID, Username: AdminUsername, Admin: true, CreatedAt: guideTime(20, 16, 0, 0, 0)},
}

// guideWorkspaces are those of the API guide, which shows data of 2023: creators are named by ID there.
var guideWorkspaces = []Workspace{
	guideWorkspace(1, HummelEmail+" - Default Workspace", HummelID, guideTime(20, 16, 5, 6, 323911), nil, nil),
	guideWorkspace(5, "mobilenetworkspacetest", HummelID, guideTime(20, 16, 5, 48, 271364), []int64{1, 2}, []int64{1}),
	guideWorkspace(6, "edge-observability-assaysbaseline-examples", HummelID, guideTime(20, 16, 9, 31, 950532), []int64{3}, []int64{4}),
	guideWorkspace(7, "edge-observability-houseprice-demo", HummelID, guideTime(20, 17, 36, 7, 131292),
		[]int64{4, 5, 6, 7, 8, 9, 12}, []int64{7, 14, 16}),
	guideWorkspace(8, "clip-demo", HummelID, guideTime(20, 18, 57, 53, 667873), []int64{10, 11}, []int64{19}),
	guideWorkspace(9, "onnx-tutorial", HummelID, guideTime(22, 16, 24, 47, 786643), []int64{13}, []int64{22}),
}

func guideTime(day, hour, minute, second, micro int) time.Time {
	return time.Date(2023, time.November, day, hour, minute, second, micro*1000, time.UTC)
}

func guideWorkspace(id int64, name, createdBy string, createdAt time.Time, models, pipelines []int64) Workspace {
	return Workspace{
		ID: id, Name: name, CreatedAt: createdAt, CreatedBy: createdBy, Models: models, Pipelines: pipelines,
		Members: map[string]string{HummelEmail: Owner},
	}
}

// ReadSeed reads a seed in JSON. Unknown fields are an error.
func ReadSeed(r io.Reader) (Seed, error) {
	var seed Seed

	decoder := json.NewDecoder(r)
	decoder.DisallowUnknownFields()

	if err := decoder.Decode(&seed); err != nil {
		return seed, err
	}

	switch _, err := decoder.Token(); {
	case !errors.Is(err, io.EOF):
		return seed, errors.New("something follows the JSON object")
	case len(seed.Users) == 0:
		return seed, errors.New(`"users" must name at least one account, whose workspaces can be seen`)
	}

	return seed, nil
}

// load fills the new instance. With an issuer, the users of the seed are those of the issuer.
func (s *Server) load(seed Seed) error {
	if s.opts.Issuer == nil {
		if err := s.loadUsers(seed.Users); err != nil {
			return err
		}
	}

	for _, w := range seed.Workspaces {
		if err := s.loadWorkspace(w.copy()); err != nil {
			return fmt.Errorf("workspace %q: %w", w.Name, err)
		}
	}

	return nil
}

func (s *Server) loadUsers(users []User) error {
	if len(users) > 0 {
		users = slices.Clone(users)
		users[0].Token = cmp.Or(users[0].Token, s.opts.Token)
	}

	_, err := s.AddAll(users)

	return err
}

// loadWorkspace replaces emails and user names in a workspace by IDs, and adds it.
func (s *Server) loadWorkspace(w Workspace) error {
	members := map[string]string{}

	for _, name := range slices.Sorted(maps.Keys(w.Members)) {
		u, err := s.user(name)
		switch {
		case err != nil:
			return err
		case u == nil:
			return fmt.Errorf("member %q is no user", name)
		case members[u.ID] != "":
			return fmt.Errorf("member %q is listed twice", name)
		}

		members[u.ID] = w.Members[name]
		if w.CreatedBy == "" && w.Members[name] == Owner {
			w.CreatedBy = s.opts.CreatedBy.of(*u)
		}
	}

	w.Members = members
	_, err := s.addWorkspace(w)

	return err
}

// user returns the user that a seed names by ID, email or user name, or nil.
func (s *Server) user(name string) (*User, error) {
	u, err := s.directory.ByEmail(context.Background(), name)
	if u == nil && err == nil {
		u, err = s.directory.ByID(context.Background(), name)
	}

	if u != nil || err != nil {
		return u, err
	}

	all, err := s.directory.All(context.Background())
	for _, u := range all {
		if u.Username == name {
			return &u, nil
		}
	}

	return nil, err
}

// of returns what names a user as a creator.
func (c CreatedBy) of(u User) string {
	if c == CreatedByID {
		return u.ID
	}

	return u.Email
}
