package emulator

import (
	"context"
	"fmt"
	"time"
)

// The accounts and clients of both seeds.
const (
	// HummelID is the id of john.hummel@wallaroo.ai, who owns every seeded workspace.
	HummelID = "12ea09d1-0f49-405e-bed1-27eb6d10fde4"
	// HummelEmail is the e-mail and user name of the owner of every seeded workspace.
	HummelEmail = "john.hummel@wallaroo.ai"
	// HansarickID is the id of john.hansarick@wallaroo.ai, who is no member of any seeded workspace.
	HansarickID = "57d61aed-3058-4327-9e65-a5d39a9718c0"
	// HansarickEmail is the e-mail and user name of the second account.
	HansarickEmail = "john.hansarick@wallaroo.ai"
	// AdminID is the id of the account that sees every workspace and has no e-mail.
	AdminID = "8c4a7b52-6d0e-4f3b-9a1c-2e5d7f90b314"
	// AdminUsername is the user name of that account.
	AdminUsername = "admin"
	// ServiceAccountID is the id of the account behind APIClientID.
	ServiceAccountID = "e3b1d6f4-97a2-4c58-8b0d-41f7c2a96e05"
	// SeedPassword is the password of every account.
	SeedPassword = "emulator"
	// SeedToken is the opaque bearer token of john.hummel@wallaroo.ai by default.
	SeedToken = "emulator-token"
	// SDKClientID is the public client: it has no secret.
	SDKClientID = "sdk-client"
	// APIClientID is the confidential client, which also has an account of its own.
	APIClientID = "api-client"
	// APIClientSecret is the secret of APIClientID.
	APIClientSecret = "emulator-secret"
)

// seed fills the new store. It runs before anybody else has the server, so it takes no lock.
func (s *Server) seed() error {
	workspaces, owner := guideWorkspaces(), HummelID
	switch {
	case s.issuer == nil:
		s.seedAccounts()
		workspaces = workspaces[:map[Seed]int{SeedEmpty: 1, SeedGuide: len(workspaces)}[s.opts.Seed]]
	case s.opts.Seed != SeedGuide:
		return nil
	default:
		hummel, err := s.issuer.byEmail(context.Background(), HummelEmail)
		if err != nil {
			return fmt.Errorf("seed %s: %w", SeedGuide, err)
		}
		if hummel == nil {
			return fmt.Errorf("seed %s needs a user with the e-mail %s in %s, who then owns its workspaces: add one, or take the seed %s",
				SeedGuide, HummelEmail, s.issuer.url, SeedEmpty)
		}
		owner = hummel.ID
	}
	for _, w := range workspaces {
		w.CreatedBy, w.Members = owner, map[string]string{owner: Owner}
		if s.opts.Seed == SeedEmpty && s.opts.CreatedBy == CreatedByEmail {
			w.CreatedBy = HummelEmail
		}
		s.store.workspaces[w.ID] = &w
		s.store.lastID = max(s.store.lastID, w.ID)
	}
	return nil
}

func (s *Server) seedAccounts() {
	installed := time.Date(2023, time.November, 20, 16, 0, 0, 0, time.UTC)
	for _, u := range []account{
		{User: User{ID: AdminID, Username: AdminUsername, Admin: true}},
		{User: User{ID: HummelID, Username: HummelEmail, Email: HummelEmail, FirstName: "John", LastName: "Hummel", Token: s.opts.Token}},
		{User: User{ID: HansarickID, Username: HansarickEmail, Email: HansarickEmail, FirstName: "John", LastName: "Hansarick"}},
		{User: User{ID: ServiceAccountID, Username: "service-account-" + APIClientID}, service: true},
	} {
		u.Password = SeedPassword
		u.created = installed
		s.store.users[u.ID] = &u
	}
}

// guideWorkspaces are those of the API guide, which shows data of 2023: creators are named by id there.
func guideWorkspaces() []Workspace {
	at := func(day, hour, minute, second, micro int) time.Time {
		return time.Date(2023, time.November, day, hour, minute, second, micro*1000, time.UTC)
	}
	return []Workspace{
		{
			ID: 1, Name: HummelEmail + " - Default Workspace",
			CreatedAt: at(20, 16, 5, 6, 323911),
		},
		{
			ID: 5, Name: "mobilenetworkspacetest",
			CreatedAt: at(20, 16, 5, 48, 271364), Models: []int64{1, 2}, Pipelines: []int64{1},
		},
		{
			ID: 6, Name: "edge-observability-assaysbaseline-examples",
			CreatedAt: at(20, 16, 9, 31, 950532), Models: []int64{3}, Pipelines: []int64{4},
		},
		{
			ID: 7, Name: "edge-observability-houseprice-demo",
			CreatedAt: at(20, 17, 36, 7, 131292), Models: []int64{4, 5, 6, 7, 8, 9, 12}, Pipelines: []int64{7, 14, 16},
		},
		{
			ID: 8, Name: "clip-demo",
			CreatedAt: at(20, 18, 57, 53, 667873), Models: []int64{10, 11}, Pipelines: []int64{19},
		},
		{
			ID: 9, Name: "onnx-tutorial",
			CreatedAt: at(22, 16, 24, 47, 786643), Models: []int64{13}, Pipelines: []int64{22},
		},
	}
}
