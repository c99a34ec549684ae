package provider_test

import (
	"context"
	"fmt"
	"slices"

	tfjson "github.com/hashicorp/terraform-json"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
)

// before are the checks of what a step wants to apply.
func before(checks ...plancheck.PlanCheck) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: checks}
}

// later are the checks of what a step that only plans wants to do.
func later(checks ...plancheck.PlanCheck) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PostApplyPostRefresh: checks}
}

const (
	isKept     = plancheck.ResourceActionNoop
	isCreated  = plancheck.ResourceActionCreate
	isUpdated  = plancheck.ResourceActionUpdate
	isRemoved  = plancheck.ResourceActionDestroy
	isReplaced = plancheck.ResourceActionDestroyBeforeCreate
	isRenewed  = plancheck.ResourceActionCreateBeforeDestroy
)

// planCheck is a function that checks a plan.
type planCheck func(*tfjson.Plan) error

func (c planCheck) CheckPlan(_ context.Context, req plancheck.CheckPlanRequest, resp *plancheck.CheckPlanResponse) {
	resp.Error = c(req.Plan)
}

// plans wants one action for each address.
func plans(action plancheck.ResourceActionType, addresses ...string) plancheck.PlanCheck {
	return planCheck(func(plan *tfjson.Plan) error {
		for _, address := range addresses {
			var resp plancheck.CheckPlanResponse

			plancheck.ExpectResourceAction(address, action).CheckPlan(context.Background(), plancheck.CheckPlanRequest{Plan: plan}, &resp)

			if resp.Error != nil {
				return resp.Error
			}
		}

		return nil
	})
}

// forgets wants a resource to be removed from state without being destroyed. The checks
// of plugin-testing have no word for that.
func forgets(address string) plancheck.PlanCheck {
	return planCheck(func(plan *tfjson.Plan) error {
		for _, change := range plan.ResourceChanges {
			if change.Address == address && change.Change.Actions.Forget() {
				return nil
			}
		}

		return fmt.Errorf("%s is not forgotten", address)
	})
}

// importsOnly wants that many resources to be imported, and none to be changed.
func importsOnly(want int) plancheck.PlanCheck {
	return planCheck(func(plan *tfjson.Plan) error {
		got := 0

		for _, change := range plan.ResourceChanges {
			if change.Change.Importing != nil {
				got++
			}

			if !change.Change.Actions.NoOp() {
				return fmt.Errorf("%s: %v instead of an import alone", change.Address, change.Change.Actions)
			}
		}

		if got != want {
			return fmt.Errorf("%d imports, want %d", got, want)
		}

		return nil
	})
}

func plansValue(address, attribute string, value any) plancheck.PlanCheck {
	return plancheck.ExpectKnownValue(address, tfjsonpath.New(attribute), known(value))
}

// plansLater wants an attribute to be known after apply.
func plansLater(address, attribute string) plancheck.PlanCheck {
	return plancheck.ExpectUnknownValue(address, tfjsonpath.New(attribute))
}

// stateCheck is a function that checks a state.
type stateCheck func(*tfjson.State) error

func (c stateCheck) CheckState(_ context.Context, req statecheck.CheckStateRequest, resp *statecheck.CheckStateResponse) {
	resp.Error = c(req.State)
}

// holds wants exactly these managed resources in the state.
func holds(addresses ...string) statecheck.StateCheck {
	return stateCheck(func(state *tfjson.State) error {
		got := []string{}

		if state.Values != nil && state.Values.RootModule != nil {
			for _, r := range state.Values.RootModule.Resources {
				if r.Mode == tfjson.ManagedResourceMode {
					got = append(got, r.Address)
				}
			}
		}

		if slices.Sort(got); !slices.Equal(got, slices.Sorted(slices.Values(addresses))) {
			return fmt.Errorf("the state holds %v, want %v", got, addresses)
		}

		return nil
	})
}

func has(address, attribute string, value any) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(address, tfjsonpath.New(attribute), known(value))
}

// known is the typed check of a value in a test's words; nil is null.
func known(value any) knownvalue.Check {
	switch v := value.(type) {
	case knownvalue.Check:
		return v
	case nil:
		return knownvalue.Null()
	case bool:
		return knownvalue.Bool(v)
	case int:
		return knownvalue.Int64Exact(int64(v))
	case int64:
		return knownvalue.Int64Exact(v)
	case string:
		return knownvalue.StringExact(v)
	default:
		panic(fmt.Sprintf("no check for a %T", value))
	}
}
