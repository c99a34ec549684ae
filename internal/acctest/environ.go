package acctest

import (
	"os"
	"strings"
)

// foreign begins the names of variables that would point a program to another instance, give it other plugins or
// flags, or make what it does differ from machine to machine.
var foreign = []string{
	"TF_", "TOFU_", "OPENTOFU_", "CHECKPOINT_", "WALLAROO_",
	"KC_", "KEYCLOAK_", "JAVA_OPTS", "GIT_", "GITHUB_", "GITLAB_", "GITEA_", "GORELEASER_", "GPG_", "GNUPGHOME=", "GOEXPERIMENT=", "SOURCE_DATE_EPOCH=",
}

// Environ returns the environment of this process without foreign variables, and with the given ones, such as
// "NAME=value", after them.
func Environ(variables ...string) []string {
	var kept []string

	for _, variable := range os.Environ() {
		if !isForeign(variable) {
			kept = append(kept, variable)
		}
	}

	return append(append(kept, "CHECKPOINT_DISABLE=1", "TF_IN_AUTOMATION=1", "TF_INPUT=0"), variables...)
}

func isForeign(variable string) bool {
	for _, prefix := range foreign {
		if strings.HasPrefix(strings.ToUpper(variable), prefix) {
			return true
		}
	}

	return false
}
