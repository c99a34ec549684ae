package provider_test

import (
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
)

const (
	examplesDir = "../../examples"

	// What examples and guides name instead of things that only a test has.
	exampleSource   = `"wallaroo-community/wallaroo"`
	exampleEndpoint = "https://wallaroo.example.com"
	exampleInternal = "http://api-lb:8080"
	exampleCA       = "/etc/ssl/certs/example-ca.pem"
	exampleSecret   = "/run/secrets/wallaroo-client-secret"
)

// The users of the examples' seed.
const (
	exampleAnn     = "ann@example.com"
	exampleAnnID   = "0a3c9d52-6f1e-4b87-9c2d-5e8f7a1b4c60"
	exampleBob     = "bob@example.com"
	exampleBobID   = "1b7e2f94-8d3a-4c56-a0e1-6f9d8b2c5a71"
	exampleAdminID = "8c4a7b52-6d0e-4f3b-9a1c-2e5d7f90b314"
	exampleDefault = exampleAnn + " - Default Workspace"
)

// exampleResults are, by file, what an example puts into the state: attributes by
// address, and outputs. Numbers are those of JSON.
var exampleResults = map[string]values{
	"resources/wallaroo_workspace/resource.tf": {
		`wallaroo_workspace.fraud.name`:                  "fraud-scoring",
		`wallaroo_workspace.fraud.created_by`:            exampleAnn,
		`wallaroo_workspace.team["churn-forecast"].name`: "churn-forecast",
		`wallaroo_workspace.team["credit-risk"].name`:    "credit-risk",
	},
	"resources/wallaroo_workspace/resource_adopt.tf": {
		`wallaroo_workspace.demand.id`:  8.0,
		`wallaroo_workspace.default.id`: 1.0,
	},
	"resources/wallaroo_workspace_user/resource.tf": {
		`wallaroo_workspace_user.bob.user_id`:   exampleBobID,
		`wallaroo_workspace_user.bob.user_type`: "COLLABORATOR",
	},
	"resources/wallaroo_workspace_user/resource_user_id.tf": {
		`wallaroo_workspace_user.admin.email`:     nil,
		`wallaroo_workspace_user.admin.user_type`: "OWNER",
	},
	"resources/wallaroo_workspace_user/resource_for_each.tf": {
		`wallaroo_workspace_user.demand["bob@example.com"].user_id`:   exampleBobID,
		`wallaroo_workspace_user.demand["ann@example.com"].user_type`: "OWNER",
	},
	"resources/wallaroo_workspace_users_exclusive/resource.tf": {
		`wallaroo_workspace_users_exclusive.fraud.workspace_id`:  10.0,
		`wallaroo_workspace_users_exclusive.fraud.collaborators`: []any{exampleBob},
	},
	"resources/wallaroo_workspace_users_exclusive/resource_ignored_users.tf": {
		`wallaroo_workspace_users_exclusive.demand.owners`:        []any{exampleAnn},
		`wallaroo_workspace_users_exclusive.demand.ignored_users`: []any{exampleAdminID},
	},
	"data-sources/wallaroo_workspaces/data-source.tf": {
		`output.workspace_ids`: map[string]any{
			exampleDefault: 1.0, "edge-cameras": 5.0, "edge-gateways": 6.0, "demand-planning": 8.0, "house-prices": 9.0,
		},
	},
	"data-sources/wallaroo_workspaces/data-source_user.tf": {`output.pipelines_of_ann`: 4.0},
	"data-sources/wallaroo_workspace/data-source.tf": {
		`output.demand_models`:                 []any{10.0, 11.0},
		`data.wallaroo_workspace.default.name`: exampleDefault,
	},
	"data-sources/wallaroo_workspace_users/data-source.tf": {`output.demand_owners`: []any{exampleAnn}},
	"data-sources/wallaroo_users/data-source.tf": {
		`output.disabled_accounts`: []any{},
		`output.team_ids`:          map[string]any{exampleAnn: exampleAnnID, exampleBob: exampleBobID},
	},
	"data-sources/wallaroo_user/data-source.tf": {
		`output.bob_id`:                     exampleBobID,
		`data.wallaroo_user.admin.username`: "admin",
	},
	"data-sources/wallaroo_current_user/data-source.tf": {`output.authenticated_as`: exampleAnn},
	"functions/workspace_name/function.tf": {
		`wallaroo_workspace.team["equipe-donnees-ml-paris"].name`: "equipe-donnees-ml-paris",
		`wallaroo_workspace.team["fraud-scoring"].name`:           "fraud-scoring",
	},
}

// exampleAccounts are, by file, which account an example of a provider block
// authenticates as.
var exampleAccounts = map[string]string{
	"provider/provider.tf":            exampleAnn,
	"provider/provider_client.tf":     "service-account-" + emulator.APIClientID,
	"provider/provider_in_cluster.tf": exampleAnn,
	"provider/provider_private_ca.tf": exampleAnn,
	"provider/provider_token.tf":      exampleAnn,
}

// exampleLists are what the list blocks of the examples find.
var exampleLists = map[string][]string{
	"wallaroo_workspace.all":         {exampleDefault, "edge-cameras", "edge-gateways", "demand-planning", "house-prices"},
	"wallaroo_workspace.edge":        {"edge-cameras", "edge-gateways"},
	"wallaroo_workspace_user.demand": {`"ann@example.com" in demand-planning (OWNER)`},
	"wallaroo_workspace_user.all": {
		`"ann@example.com" in ` + exampleDefault + ` (OWNER)`, `"ann@example.com" in edge-cameras (OWNER)`,
		`"ann@example.com" in edge-gateways (OWNER)`, `"ann@example.com" in demand-planning (OWNER)`, `"ann@example.com" in house-prices (OWNER)`,
	},
}
