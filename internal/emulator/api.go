package emulator

import "time"

// API describes the variant of the API that an instance has. The zero value is that of recent Wallaroo versions, and
// GuideAPI returns that of the API guide. The fields are independent of each other.
type API struct {
	// GuideOnly serves the five workspace endpoints of the API guide and nothing else: any other path is a 404, those of
	// users/query and Keycloak too. Callers then authenticate with the tokens of Options.Token and User.Token.
	GuideOnly bool
	// HTTP10 answers as a plain HTTP/1.0 server does, and closes the connection after each response.
	HTTP10 bool

	// UsersQuery is what users/query answers: a UsersQuery constant, or the status of an error such as "403".
	// Default: UsersQueryWorks.
	UsersQuery string
	// ListFilter is the filter that workspaces/list honors. Default: ListFilterIgnored.
	ListFilter ListFilter
	// OwnersOnly refuses add_user and remove_user with 403 to a caller who is neither an owner nor an admin.
	OwnersOnly bool

	// DuplicateNames lets two workspaces have one name.
	DuplicateNames bool
	// DuplicateNameStatus is the status of a refused duplicate, such as 500. Default: 400. The body of a 409 is
	// {"error":"conflict"}.
	DuplicateNameStatus int

	// UserType is how add_user treats the field user_type. Default: UserTypeHonored.
	UserType UserType
	// Roles is what a second add_user does to the role. Default: RolesUpsert.
	Roles Roles
	// PresentMemberStatus is the status with which add_user refuses a present member. Default: 0, not refused.
	PresentMemberStatus int
	// AddBy is how add_user names the user. Default: ByEither.
	AddBy Identifier
	// RemoveBy is how remove_user names the user. Default: ByEither.
	RemoveBy Identifier
	// NoAffectedRows makes remove_user answer {}.
	NoAffectedRows bool
	// NullUserType makes list_users answer null for the role of a collaborator.
	NullUserType bool
	// MemberEmails makes list_users also answer the email of each member.
	MemberEmails bool

	// IDs is the form of workspace IDs in responses. Default: IDNumber.
	IDs IDForm
	// CreatedBy is what new workspaces name as their creator. Default: CreatedByEmail.
	CreatedBy CreatedBy
	// CreatedByEmailAfter rewrites created_by from the creator's ID to their email when a workspace is that old.
	// Default: 0, never.
	CreatedByEmailAfter time.Duration
	// NumericCreatedAt answers created_at as seconds since 1970.
	NumericCreatedAt bool
	// NumericCreatedBy answers created_by as a number.
	NumericCreatedBy bool
	// NumericArchived answers archived as 0 or 1.
	NumericArchived bool
	// TextModels answers the IDs of models and pipelines as texts.
	TextModels bool
	// NoOptionalFields lists workspaces with their id and name alone.
	NoOptionalFields bool
}

// GuideAPI returns the API of Wallaroo's API guide, and nothing more.
func GuideAPI() API {
	return API{
		GuideOnly:  true,
		ListFilter: ListFilterUserIDs,
		UserType:   UserTypeIgnored,
		AddBy:      ByEmail,
		CreatedBy:  CreatedByID,
	}
}

// The responses of users/query beside the status of an error.
const (
	// UsersQueryWorks answers the users.
	UsersQueryWorks = "works"
	// UsersQueryEmpty answers an empty JSON object.
	UsersQueryEmpty = "empty"
	// UsersQueryHTML answers a page, as a proxy does.
	UsersQueryHTML = "html"
	// UsersQueryClosed closes the connection without a response.
	UsersQueryClosed = "closed"
)

// ListFilter names the field of workspaces/list that narrows the response to workspaces of some users.
type ListFilter string

// The list filters.
const (
	// ListFilterIgnored answers every visible workspace, whatever is asked.
	ListFilterIgnored ListFilter = "ignored"
	// ListFilterUserID honors user_id, one Keycloak ID.
	ListFilterUserID ListFilter = "user_id"
	// ListFilterUserIDs honors user_ids, a list of Keycloak IDs.
	ListFilterUserIDs ListFilter = "user_ids"
)

// UserType names how add_user treats the field user_type.
type UserType string

// The ways to treat user_type.
const (
	// UserTypeHonored takes a role in any letter case.
	UserTypeHonored UserType = "honored"
	// UserTypeIgnored makes every new member a collaborator, and leaves present members as they are.
	UserTypeIgnored UserType = "ignored"
	// UserTypeRefused answers 400, as to any unknown field.
	UserTypeRefused UserType = "refused"
	// UserTypeUpper takes OWNER and COLLABORATOR, and answers 400 to any other letter case.
	UserTypeUpper UserType = "upper"
	// UserTypeLower takes owner and collaborator, and answers 400 to any other letter case.
	UserTypeLower UserType = "lower"
)

// Roles names what add_user does to somebody who is a member already.
type Roles string

// The ways to treat a second add.
const (
	// RolesUpsert sets the role that is asked for; an add that names none makes an owner a collaborator.
	RolesUpsert Roles = "upsert"
	// RolesSticky keeps the role that the member has, and says nothing of it.
	RolesSticky Roles = "sticky"
)

// Identifier names how a request names a user.
type Identifier string

// The identifiers.
const (
	// ByEither takes an email, a user ID, or both if they name one user.
	ByEither Identifier = "either"
	// ByEmail takes an email, answers 400 without one, and ignores a user ID.
	ByEmail Identifier = "email"
	// ByID takes a user ID, answers 400 without one, and ignores an email.
	ByID Identifier = "user_id"
)

// IDForm names the form of workspace IDs in responses.
type IDForm string

// The forms of an ID.
const (
	// IDNumber is a whole number, such as 5.
	IDNumber IDForm = "number"
	// IDText is a text, such as "5".
	IDText IDForm = "text"
	// IDFloat is a number with a fraction, such as 5.0.
	IDFloat IDForm = "float"
)

// CreatedBy names what the created_by field of a new workspace holds.
type CreatedBy string

// The ways to fill created_by.
const (
	// CreatedByEmail is the email of the creator, "" for an account without one: Wallaroo 2024.2 and later.
	CreatedByEmail CreatedBy = "email"
	// CreatedByID is the Keycloak ID of the creator: Wallaroo up to 2023.4.
	CreatedByID CreatedBy = "id"
)
