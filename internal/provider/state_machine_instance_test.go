package provider_test

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"

	"pgregory.net/rapid"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator/emulatortest"
)

// variants are the APIs that an instance may have.
var variants = map[string]func(t *rapid.T) emulator.API{
	"recent": func(t *rapid.T) emulator.API {
		return emulator.API{
			CreatedBy:    rapid.SampledFrom([]emulator.CreatedBy{emulator.CreatedByEmail, emulator.CreatedByID}).Draw(t, "created_by"),
			NullUserType: rapid.Bool().Draw(t, "null_user_type"),
		}
	},
	// Where a name can be given twice, a second create shows; but then an instance
	// cannot be distinguished from one that hides a workspace of that name.
	"duplicate names": func(*rapid.T) emulator.API { return emulator.API{DuplicateNames: true} },
	"late":            func(*rapid.T) emulator.API { return emulator.API{} },
	"guide":           func(*rapid.T) emulator.API { return emulator.GuideAPI() },
	"no directory": func(t *rapid.T) emulator.API {
		return emulator.API{
			UsersQuery:   rapid.SampledFrom([]string{"401", "403", "404", "500", emulator.UsersQueryEmpty, emulator.UsersQueryHTML}).Draw(t, "users/query"),
			MemberEmails: rapid.Bool().Draw(t, "emails in list_users"),
		}
	},
	"present members refused": func(t *rapid.T) emulator.API {
		return emulator.API{PresentMemberStatus: rapid.SampledFrom([]int{http.StatusBadRequest, http.StatusConflict}).Draw(t, "status")}
	},
	"roles not set": func(t *rapid.T) emulator.API {
		return emulator.API{
			UserType: rapid.SampledFrom([]emulator.UserType{emulator.UserTypeIgnored, emulator.UserTypeRefused}).Draw(t, "user_type"),
		}
	},
	"roles in one letter case": func(t *rapid.T) emulator.API {
		return emulator.API{UserType: rapid.SampledFrom([]emulator.UserType{emulator.UserTypeUpper, emulator.UserTypeLower}).Draw(t, "user_type")}
	},
	"roles kept": func(*rapid.T) emulator.API { return emulator.API{Roles: emulator.RolesSticky} },
	"by email": func(t *rapid.T) emulator.API {
		return emulator.API{AddBy: emulator.ByEmail, RemoveBy: emulator.ByEmail, NoAffectedRows: rapid.Bool().Draw(t, "no affected_rows")}
	},
	"few fields": func(*rapid.T) emulator.API { return emulator.API{NoOptionalFields: true, NoAffectedRows: true} },
}

func newWorld(t *rapid.T) *world {
	name := rapid.SampledFrom(slices.Sorted(maps.Keys(variants))).Draw(t, "variant")

	server, err := emulator.New(emulator.Options{Seed: emulator.SeedGuide, API: variants[name](t)})
	if err != nil {
		t.Fatal(err)
	}

	late := &lateServer{Handler: server, responses: map[string]recordedResponse{}, isLate: name == "late"}
	web := httptest.NewServer(late)
	w := &world{
		instance: &emulatortest.Instance{Server: server, URL: web.URL},
		settle:   late.settle,
		close:    web.Close,
		config:   map[string]spec{},
		state:    map[string]*object{},
		foreign:  map[int64]map[string]bool{},
		users:    []string{emulator.HansarickID, emulator.AdminID},
		hides:    name == "recent",
	}

	w.provider = passwordBlock(w.instance)
	if name == "guide" {
		w.provider = values{"endpoint": web.URL, "token": emulatortest.Token}
	}

	for i := range 3 {
		address := fmt.Sprintf("user%d@example.com", i)
		w.users = append(w.users, server.AddUser(emulator.User{Username: address, Email: address}))
	}

	return w
}

// start is one walk of a CLI.
func (w *world) start(t *rapid.T) *core {
	w.settle()

	c := newCore(t)
	wantNone(t, c.configure(w.provider))

	return c
}

// lateServer answers the first read after a write with what it answered before it.
type lateServer struct {
	http.Handler

	isLate    bool
	mu        sync.Mutex // guards what follows
	responses map[string]recordedResponse
}

type recordedResponse struct {
	body    []byte
	isStale bool
}

func (s *lateServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	operation := strings.TrimPrefix(r.URL.Path, "/v1/api/")
	if !s.isLate || !strings.HasPrefix(operation, "workspaces/") {
		s.Handler.ServeHTTP(w, r)

		return
	}

	request, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(request))

	if !strings.HasPrefix(operation, "workspaces/list") {
		s.Handler.ServeHTTP(w, r)
		s.change(true)

		return
	}

	key := operation + string(request)

	s.mu.Lock()
	before := s.responses[key]
	s.mu.Unlock()

	if before.isStale {
		s.keep(key, recordedResponse{body: before.body})
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(before.body)

		return
	}

	recorder := httptest.NewRecorder()
	s.Handler.ServeHTTP(recorder, r)

	if recorder.Code == http.StatusOK {
		s.keep(key, recordedResponse{body: recorder.Body.Bytes()})
	}

	maps.Copy(w.Header(), recorder.Header())
	w.WriteHeader(recorder.Code)
	_, _ = w.Write(recorder.Body.Bytes())
}

func (s *lateServer) keep(key string, response recordedResponse) {
	s.mu.Lock()
	defer s.mu.Unlock()

	s.responses[key] = response
}

func (s *lateServer) settle() { s.change(false) }

func (s *lateServer) change(isStale bool) {
	s.mu.Lock()
	defer s.mu.Unlock()

	for key, response := range s.responses {
		response.isStale = isStale
		s.responses[key] = response
	}
}
