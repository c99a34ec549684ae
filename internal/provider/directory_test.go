package provider_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
)

const (
	newMail, newID = "new@example.com", "0e000000-0000-4000-8000-00000000000e"

	secondID = "0b000000-0000-4000-8000-0000000000bb"
)

// earlyMember is a member of an account that already exists. It is applied first, so that the
// directory is read before the accounts change.
func earlyMember() block { return onTeamA("early", values{"email": danMail}) }

// newAccount creates an account. Usernames do not follow emails, so it has one of its own.
func (p *project) newAccount(id, email string) {
	p.instance.AddUser(emulator.User{ID: id, Email: email, Username: "new-" + email})
}

// replaceBen replaces ben's account by another one with the same email.
func (p *project) replaceBen() {
	p.instance.DeleteUser(benID)
	p.newAccount(secondID, benMail)
}

// Accounts change in the same apply, beside another member or alone. With the
// directory, what is named is right in the first apply.
func TestDirectory_change(t *testing.T) {
	t.Parallel()

	ben := onTeamA("ben", values{"email": benMail})
	set := func(who any) block {
		return setOnTeamA(values{"owners": []string{annMail}, "collaborators": []any{who}, "ignored_users": []string{danMail}})
	}
	renamed := func(p *project) { p.instance.SetUserEmail(benID, newMail) }
	replaced := func(block block) block {
		block.replace = true

		return block
	}

	for name, one := range map[string]struct {
		before  *block
		after   block
		change  func(*project)
		sent    []string
		want    values
		members map[string]string
	}{
		"new account, by ID": {
			nil, onTeamA("ben", values{"user_id": late{newID}}), func(p *project) { p.newAccount(newID, newMail) },
			[]string{"add_user 8 " + newMail}, values{"user_id": newID, "email": newMail}, map[string]string{newID: col},
		},
		"new account, by known email": {
			nil, onTeamA("ben", values{"email": newMail}), func(p *project) { p.newAccount(newID, newMail) },
			[]string{"add_user 8 " + newMail}, values{"user_id": newID, "email": newMail}, map[string]string{newID: col},
		},
		"new account, in a set": {
			nil, set(late{newID}), func(p *project) { p.newAccount(newID, newMail) },
			[]string{"add_user 8 " + newMail}, values{"collaborators": []string{newID}}, map[string]string{newID: col},
		},
		"account replaced": {
			&ben, replaced(ben), (*project).replaceBen,
			[]string{"remove_user 8 " + benID, "add_user 8 " + benMail}, values{"user_id": secondID, "email": benMail}, map[string]string{secondID: col},
		},
		"account replaced, set": {
			new(set(benMail)), replaced(set(benMail)), (*project).replaceBen,
			[]string{"add_user 8 " + benMail, "remove_user 8 " + benID}, values{"collaborators": []string{benMail}}, map[string]string{secondID: col},
		},
		"both from the replaced account": {
			new(onTeamA("ben", values{"email": benMail, "user_id": benID})), onTeamA("ben", values{"email": late{benMail}, "user_id": late{secondID}}),
			(*project).replaceBen,
			[]string{"add_user 8 " + benMail, "remove_user 8 " + benID}, values{"user_id": secondID, "email": benMail}, map[string]string{secondID: col},
		},
		"ID of the replaced account": {
			new(onTeamA("ben", values{"user_id": benID})), onTeamA("ben", values{"user_id": late{secondID}}), (*project).replaceBen,
			[]string{"add_user 8 " + benMail, "remove_user 8 " + benID}, values{"user_id": secondID, "email": benMail}, map[string]string{secondID: col},
		},
		"ID of the replaced account, set": {
			new(set(benID)), set(late{secondID}), (*project).replaceBen,
			[]string{"add_user 8 " + benMail, "remove_user 8 " + benID}, values{"collaborators": []string{secondID}}, map[string]string{secondID: col},
		},
		"email changed":       {&ben, onTeamA("ben", values{"email": newMail}), renamed, nil, values{"user_id": benID, "email": newMail}, map[string]string{benID: col}},
		"email changed, late": {&ben, onTeamA("ben", values{"email": late{newMail}}), renamed, nil, values{"user_id": benID, "email": newMail}, map[string]string{benID: col}},
		"email changed, set":  {new(set(benMail)), set(newMail), renamed, nil, values{"collaborators": []string{newMail}}, map[string]string{benID: col}},
		"email and role changed": {
			&ben, onTeamA("ben", values{"email": late{newMail}, "user_type": own}), renamed,
			[]string{"add_user 8 " + newMail + " owner"}, values{"user_id": benID, "email": newMail, "user_type": own}, map[string]string{benID: own},
		},
	} {
		for _, early := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s beside=%v", name, early), func(t *testing.T) {
				t.Parallel()

				p := newProject(t, emulator.API{})
				if one.before != nil {
					p.mustApply(*one.before)
				}

				p.writes()

				blocks, want, sent := []block{}, map[string]string{annID: own}, one.sent
				if early {
					blocks, want[danID], sent = append(blocks, earlyMember()), col, append([]string{"add_user 8 " + danMail}, sent...)
				}

				for id, role := range one.members {
					want[id] = role
				}

				out := p.mustApply(append(blocks, one.after.after(func(*core) { one.change(p) }))...)
				p.wantWrites(sent...)
				p.wantState(one.after.at, one.want)
				p.wantMembers(8, want)

				// What the plan could not know is said when the plan is made again.
				if len(out.applied) > 0 && (early || !out.applied.says("Present members will be removed", benMail) && !out.applied.says("Present members will be removed", benID)) {
					t.Errorf("applied with %s", out.applied)
				}
			})
		}
	}
}

// Ben gets another email, and a new account gets ben's.
func TestDirectory_emailPassedOn(t *testing.T) {
	t.Parallel()

	members := func(one, two any) []block {
		return []block{onTeamA("ben", values{"email": one, "user_type": own}), onTeamA("new", values{"email": two})}
	}
	set := func(one, two any) []block {
		return []block{setOnTeamA(values{"owners": []any{annMail, one}, "collaborators": []any{two}, "ignored_users": []string{danMail}})}
	}

	for name, configure := range map[string]func(one, two any) []block{"members": members, "set": set} {
		for _, isLate := range []bool{false, true} {
			for _, early := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s late=%v beside=%v", name, isLate, early), func(t *testing.T) {
					t.Parallel()

					p := newProject(t, emulator.API{})
					p.mustApply(onTeamA("cat", values{"email": catMail}))
					p.mustApply(configure(benMail, catMail)...)

					var one, two any = "benjamin@example.com", benMail
					if isLate {
						one, two = late{one}, late{two}
					}

					blocks := configure(one, two)
					blocks[0] = blocks[0].after(func(*core) {
						p.instance.SetUserEmail(benID, "benjamin@example.com")
						p.newAccount(newID, benMail)
					})

					want := map[string]string{annID: own, benID: own, newID: col}
					if early {
						blocks, want[danID] = append([]block{earlyMember()}, blocks...), col
					}

					p.mustApply(blocks...)
					p.wantMembers(8, want)

					if name == "members" {
						p.wantState("ben", values{"user_id": benID})
						p.wantState("new", values{"user_id": newID})
					}
				})
			}
		}
	}
}

// Keycloak refuses the new email, or has not changed it yet: nobody loses access.
func TestDirectory_emailRefused(t *testing.T) {
	t.Parallel()

	for _, email := range []any{newMail, late{newMail}} {
		t.Run(fmt.Sprint(email), func(t *testing.T) {
			t.Parallel()

			p := newProject(t, emulator.API{})
			p.mustApply(onTeamA("ben", values{"email": benMail}))

			after := onTeamA("ben", values{"email": email})
			if action := p.plan(after).changes["ben"].action(); action != "update" {
				t.Errorf("planned %s", action)
			}

			out := p.apply(after)
			wantError(t, out.applied, "Unable to change workspace user", newMail, "does not exist")
			p.wantState("ben", values{"email": benMail, "user_id": benID})
			p.wantMembers(8, map[string]string{annID: own, benID: col})
		})
	}
}

// A refresh follows the account of a member.
func TestDirectory_accountRefreshed(t *testing.T) {
	t.Parallel()

	p := newProject(t, emulator.API{})
	ben := onTeamA("ben", values{"user_id": benID})
	p.mustApply(ben)
	p.instance.SetUserEmail(benID, newMail)
	wantNone(t, p.plan(ben).all())
	p.wantState("ben", values{"user_id": benID, "email": newMail})
	p.wantEmpty(ben)

	set := setBlock(values{"workspace_id": 10, "owners": []string{annMail}, "collaborators": []string{newMail}})
	p.mustApply(ben, set)
	p.instance.DeleteUser(benID)

	out := p.plan(ben, set)
	wantNoError(t, out.all())
	wantSays(t, out.refreshed, "Account of a member does not exist", newMail, "does not exist any more")
	p.wantState("ben", values{"user_id": benID})
}

// An owner whose account is deleted does not count.
func TestDirectory_deletedOwner(t *testing.T) {
	t.Parallel()

	p := newProject(t, emulator.API{})
	ben, cat := onTeamA("ben", values{"email": benMail, "user_type": own}), onTeamA("cat", values{"email": catMail, "user_type": own})
	p.mustApply(ben, cat)
	p.instance.SetMember(8, annID, col)
	p.instance.DeleteUser(catID)

	out := p.apply(cat)
	wantSays(t, out.planned, "Workspace user will be kept", benMail, "no other owner")
	wantSays(t, out.applied, "Workspace user was kept", benMail)
	p.wantMembers(8, map[string]string{annID: col, benID: own, catID: own})

	// A set does not leave it to the deleted account either.
	out = p.apply(cat, setOnTeamA(values{"owners": []string{catID}, "collaborators": []string{annMail, benMail}}))
	if !out.applied.failed() {
		t.Errorf("applied with %s", out.applied)
	}

	p.wantMembers(8, map[string]string{annID: col, benID: own, catID: own})
}

// The account of the provider block is created in the same apply.
func TestDirectory_providerAccountCreated(t *testing.T) {
	t.Parallel()

	for name, settings := range map[string]values{
		"known":   {"username": newMail},
		"unknown": {"username": unknown, "password": unknown},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			p := newProject(t, emulator.API{})
			member := onTeamA("ben", values{"email": benMail})
			blocks := []block{member, setOnTeamA(values{"owners": []string{newID}, "collaborators": []string{benMail}})}
			p.instance.SetMember(8, newID, own)
			p.provider = with(p.provider, settings)

			plans := map[string]string{}

			for _, b := range blocks {
				out := p.plan(b)
				wantNoError(t, out.all())

				for _, one := range out.planned {
					plans[b.at] += one.Summary
				}
			}

			if plans["ben"] != plans["set"] {
				t.Errorf("planned with %q and %q", plans["ben"], plans["set"])
			}

			out := p.plan(member)
			p.newAccount(newID, newMail)

			p.provider = with(p.provider, values{"username": newMail, "password": "emulator"})
			wantNoError(t, p.applyBlock(p.start(), member, out.changes["ben"]))
			p.wantEmpty(member)
		})
	}
}

// Unknown users are all named, and not again at apply.
func TestDirectory_unknownUsers(t *testing.T) {
	t.Parallel()

	const many = 80

	address := func(i int) string { return fmt.Sprintf("new-%d@example.com", i) }
	create := func(p *project) func(*core) {
		return func(*core) {
			for i := range many {
				p.newAccount("", address(i))
			}
		}
	}

	t.Run("members", func(t *testing.T) {
		t.Parallel()

		p := newProject(t, emulator.API{})
		blocks := []block{earlyMember()}

		for i := range many {
			blocks = append(blocks, onTeamA(address(i), values{"email": address(i)}))
		}

		blocks[1] = blocks[1].after(create(p))

		out := p.mustApply(blocks...)
		if len(out.planned) != many || len(out.applied) > 0 {
			t.Errorf("%d warnings at plan, %d at apply", len(out.planned), len(out.applied))
		}

		for _, one := range out.planned {
			if one.Summary != "User does not exist yet" {
				t.Errorf("planned with %q", one.Summary)
			}
		}
	})

	t.Run("set", func(t *testing.T) {
		t.Parallel()

		p := newProject(t, emulator.API{})

		var all []string
		for i := range many {
			all = append(all, address(i))
		}

		out := p.mustApply(setOnTeamA(values{"owners": []string{annMail}, "collaborators": all}).after(create(p)))
		wantWarning(t, out.planned, "User does not exist yet", append(all, "Check the spelling")...)

		if len(out.applied) > 0 {
			t.Errorf("applied with %s", out.applied)
		}
	})
}

// An email in upper case, of an account that has it in lower case.
func TestDirectory_letterCase(t *testing.T) {
	t.Parallel()

	p := newProject(t, emulator.API{})
	blocks := []block{
		onTeamA("ben", values{"email": strings.ToUpper(benMail)}),
		setBlock(values{"workspace_id": 10, "owners": []string{strings.ToUpper(annMail)}, "collaborators": []string{strings.ToUpper(catMail)}}),
	}
	p.mustApply(blocks...)
	p.wantState("ben", values{"email": strings.ToUpper(benMail), "user_id": benID})
	p.wantState("set", values{"collaborators": []string{strings.ToUpper(catMail)}})
}
