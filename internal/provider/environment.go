package provider

import (
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/wallaroo"
)

// EnvironmentConfig returns the settings that an empty provider block takes from
// the environment, or an error that names all that is missing or wrong there.
func EnvironmentConfig(getenv func(string) string) (wallaroo.Config, error) {
	var diags diag.Diagnostics

	config := settings{getenv: getenv, diags: &diags}.resolve()

	var problems []error
	for _, problem := range diags.Errors() {
		problems = append(problems, fmt.Errorf("%s: %s", problem.Summary(), problem.Detail()))
	}

	return config, errors.Join(problems...)
}
