package livetest

import (
	"errors"
	"regexp"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/provider"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/wallaroo"
)

// Settings are what the environment says of the instance and of what may be done there.
type Settings struct {
	// Prefix begins the names of the suite's workspaces.
	Prefix string
	// MemberEmail is the email of the user who is added and removed.
	MemberEmail string
	// MemberID is the ID of that user. It is needed only where the account may not read the users.
	MemberID string
	// Config is that of the provider with an empty provider block.
	Config wallaroo.Config
}

// prefixes leave room for "-1" and keep every rule for names that Wallaroo is known to have.
var prefixes = regexp.MustCompile(`^[a-z][a-z0-9-]{2,39}$`)

// Read reads the settings. The error names everything that is missing or wrong.
func Read(getenv func(string) string) (Settings, error) {
	s := Settings{
		Prefix: getenv("WALLAROO_LIVE_PREFIX"), MemberEmail: getenv("WALLAROO_LIVE_MEMBER"), MemberID: getenv("WALLAROO_LIVE_MEMBER_ID"),
	}

	var problems []error
	if getenv("WALLAROO_LIVE") != "1" {
		problems = append(problems, errors.New("set WALLAROO_LIVE=1 if you consent: workspaces are created that cannot be deleted"))
	}

	if !prefixes.MatchString(s.Prefix) {
		problems = append(problems, errors.New("set WALLAROO_LIVE_PREFIX to 3 to 40 lower-case letters, digits and dashes, with a letter first: "+
			"the workspaces are named PREFIX-1 and PREFIX-2"))
	}

	if s.MemberEmail == "" {
		problems = append(problems, errors.New("set WALLAROO_LIVE_MEMBER to the email of another user, who is added to the workspaces and removed from them"))
	}

	var err error

	s.Config, err = provider.EnvironmentConfig(getenv)

	return s, errors.Join(append(problems, err)...)
}
