//go:build keycloak

package keycloaktest_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
)

// realmSwitch is a setting of the whole realm, the option of the emulator for it, and the cases that it makes.
type realmSwitch struct {
	on, off object
	options emulator.Options
	cases   map[string]tokenCase
}

func realmSwitches() map[string]realmSwitch {
	granted := outcome{Status: 200}
	badUser := refusal(badPassword, "invalid_grant", "Invalid user credentials")
	offline := bySDK + signIn + "&scope=offline_access"
	newest := bySDK + "&grant_type=refresh_token&refresh_token={newest}"
	wrongTwice, renewed := []string{bySDK + wrongOne, bySDK + wrongOne}, []string{bySDK + renew}
	reused := invalidGrant("Maximum allowed refresh token reuse exceeded")
	return map[string]realmSwitch{
		"lock": {
			on: object{
				"bruteForceProtected": true, "failureFactor": 2, "waitIncrementSeconds": 600, "maxFailureWaitSeconds": 600,
				"minimumQuickLoginWaitSeconds": 600, "quickLoginCheckMilliSeconds": 1,
			},
			off:     object{"bruteForceProtected": false},
			options: emulator.Options{LockAfter: 2},
			cases: map[string]tokenCase{
				"one wrong":           {before: []string{bySDK + wrongOne}, wrong: true, form: bySDK + signIn, want: granted},
				"locked":              {before: wrongTwice, wrong: true, form: bySDK + signIn, want: badUser},
				"locked, with secret": {before: wrongTwice, wrong: true, form: byAPI + signIn, want: badUser},
				"locked, wrong":       {before: wrongTwice, wrong: true, form: bySDK + wrongOne, want: badUser},
				"refresh, locked":     {first: bySDK + signIn, before: wrongTwice, wrong: true, form: bySDK + renew, want: granted},
			},
		},
		"single use": {
			on:      object{"revokeRefreshToken": true, "refreshTokenMaxReuse": 0},
			off:     object{"revokeRefreshToken": false},
			options: emulator.Options{SingleUseRefresh: true},
			cases: map[string]tokenCase{
				"first use":           {first: bySDK + signIn, form: bySDK + renew, want: granted},
				"reuse":               {first: bySDK + signIn, before: renewed, form: bySDK + renew, want: reused},
				"newest":              {first: bySDK + signIn, before: renewed, form: newest, want: granted},
				"newest after reuse":  {first: bySDK + signIn, before: []string{bySDK + renew, bySDK + renew}, form: newest, want: invalidGrant("Session doesn't have required client")},
				"sign-in after reuse": {first: bySDK + signIn, before: []string{bySDK + renew, bySDK + renew}, form: bySDK + signIn, want: granted},
				"reuse, offline":      {first: offline, before: renewed, form: bySDK + renew, want: reused},
			},
		},
	}
}

// notBeforeCases need no setting: they make tokens stale themselves.
func notBeforeCases() map[string]tokenCase {
	return map[string]tokenCase{
		"refresh": {first: bySDK + signIn, then: instance.notBefore, form: bySDK + renew, want: invalidGrant("Stale token")},
		"refresh, offline": {first: bySDK + signIn + "&scope=offline_access", then: instance.notBefore, form: bySDK + renew,
			want: invalidGrant("Stale token")},
		"logout": {first: bySDK + signIn, then: instance.notBefore, path: logoutPath, form: bySDK + "&refresh_token={refresh}",
			want: outcome{Status: 204}},
		"sign-in": {first: bySDK + signIn, then: instance.notBefore, form: bySDK + signIn, want: outcome{Status: 200}},
	}
}

// checkRealmCases must have the Keycloak for itself.
func checkRealmCases(t *testing.T, k *server) {
	serial := 0
	run := func(name string, c tokenCase, opts emulator.Options) {
		serial++
		c.user.Username = fmt.Sprintf("realm-%d@example.com", serial)
		t.Run(name, func(t *testing.T) { c.check(t, k, opts) })
	}
	for title, s := range realmSwitches() {
		k.set(t, s.on)
		for name, c := range s.cases {
			run(title+", "+name, c, s.options)
		}
		k.set(t, s.off)
	}
	t.Run("rotated keys", func(t *testing.T) { checkRotation(t, k) })
	for name, c := range notBeforeCases() {
		run("not before, "+name, c, emulator.Options{})
	}
	t.Run("not before, users", func(t *testing.T) {
		userCase{place: "?email=stale@example.com", then: instance.notBefore, status: http.StatusUnauthorized, want: "HTTP 401 Unauthorized"}.
			check(t, k, "stale@example.com")
	})
}
