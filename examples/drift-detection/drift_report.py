#!/usr/bin/env python3
"""Describe what a Terraform or OpenTofu plan found changed on a Wallaroo instance, and what an apply would do.

usage:
  terraform plan -out=plan.tfplan
  terraform show -json plan.tfplan | python3 drift_report.py

  python3 drift_report.py plan.json refresh.json

The second form decides checks that are unknown in the plan: refresh.json is the JSON of a -refresh-only plan.

The report is Markdown. The exit code is 0 if there is nothing to report, 2 if there is something, and 1 if a plan could
not be read or is incomplete because planning failed.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any, Dict, Iterator, List, NamedTuple, NoReturn, Set, Tuple

Json = Dict[str, Any]

NOTHING, FAILED, SOMETHING = 0, 1, 2

WORKSPACE = "wallaroo_workspace"
MEMBER = "wallaroo_workspace_user"
MEMBER_SET = "wallaroo_workspace_users_exclusive"

LATER = "a user who is known after apply"


class Unreadable(Exception):
    """A plan cannot be reported on."""


class Change(NamedTuple):
    """One resource in resource_drift or resource_changes."""

    address: str
    type: str
    actions: List[str]
    before: Json
    after: Json
    unknown: Json
    imported: bool
    moved_from: str

    @classmethod
    def of(cls, entry: Json) -> Change:
        change = entry["change"]
        unknown = change.get("after_unknown")
        return cls(
            address=entry["address"],
            type=entry["type"] if entry.get("mode") == "managed" else "",
            actions=change["actions"],
            before=change.get("before") or {},
            after=change.get("after") or {},
            unknown=unknown if isinstance(unknown, dict) else {},
            imported=change.get("importing") is not None,
            moved_from=entry.get("previous_address", ""),
        )


class Report(NamedTuple):
    drift: List[str]
    planned: List[str]
    checks: List[str]
    notes: List[str]

    def exit_status(self) -> int:
        return SOMETHING if self.drift or self.planned or self.checks or self.notes else NOTHING

    def text(self) -> str:
        sections = [
            ("Changed on the instance since the last apply", self.drift),
            ("What an apply would do", self.planned),
            ("Checks", self.checks + self.notes),
        ]
        parts = [self.summary()]
        for title, lines in sections:
            if lines:
                parts.append(f"## {title}\n\n" + "\n".join("- " + one_line(line) for line in lines))
        return "\n\n".join(parts)

    def summary(self) -> str:
        counts = [
            count(len(self.drift), "change on the instance", "changes on the instance"),
            count(len(self.planned), "thing to do", "things to do"),
            count(len(self.checks), "failed check", "failed checks"),
            count(len(self.notes), "unknown check", "unknown checks"),
        ]
        return (", ".join(filter(None, counts)) or "No drift, and nothing to do") + "."


def count(number: int, one: str, more: str) -> str:
    return f"{number} {one if number == 1 else more}" if number else ""


def one_line(text: str) -> str:
    """Names come from the instance: none may start a line of its own in a CI log."""
    return "".join(c if c.isprintable() else " " for c in text)


def at(change: Change) -> str:
    return " (`" + change.address.replace("`", "'") + "`)"


# Reading


def load(path: str) -> Json:
    name = name_of(path)
    plan = parse(name, read(path))
    if not isinstance(plan, dict) or "format_version" not in plan:
        raise Unreadable(f"{name} is JSON, but not that of `terraform show -json PLAN`")
    if plan.get("errored"):
        raise Unreadable(f"{name} is incomplete because planning failed; see the output of `terraform plan`")
    if "planned_values" not in plan:
        raise Unreadable(f"{name} is not a plan but a state: name the plan in `terraform show -json PLAN`")
    if not str(plan["format_version"]).startswith("1."):
        raise Unreadable(f"{name} has the format version {plan['format_version']}, and only 1 is supported")
    return plan


def name_of(path: str) -> str:
    return "standard input" if path == "-" else path


def read(path: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
    except OSError as error:
        raise Unreadable(f"cannot read {path}: {error.strerror}") from error


def parse(name: str, content: bytes) -> Any:
    if content.startswith(b"PK"):
        raise Unreadable(f"{name} is a plan file: give the output of `terraform show -json PLAN`")
    if not content.strip():
        raise Unreadable(f"{name} is empty: did `terraform show -json` fail?")
    try:
        return json.loads(content.decode("utf-8-sig"))
    except ValueError as error:
        raise Unreadable(f"{name} is not the JSON of `terraform show -json PLAN`: {error}") from error


# Workspaces and members


class Workspaces:
    """Names of workspaces by ID, and which resources manage which of their members."""

    def __init__(self, plan: Json, drift: List[Change], changes: List[Change]) -> None:
        self.names: Dict[int, str] = {}
        self.managed: Dict[Tuple[str, int, str], Set[str]] = {}
        for change in drift + changes:
            if change.type == WORKSPACE:
                self.learn(change.before)
        for change in changes:
            self.see("before", change, change.before)
            self.see("after", change, change.after)
        for resource in resources(plan.get("prior_state", {}).get("values", {}).get("root_module", {})):
            if resource.get("type") == WORKSPACE:
                self.learn(resource.get("values", {}))

    def learn(self, workspace: Json) -> None:
        if workspace.get("id") is not None and workspace.get("name"):
            self.names[workspace["id"]] = workspace["name"]

    def see(self, side: str, change: Change, values: Json) -> None:
        for who in members(change, values):
            self.managed.setdefault((side, values.get("workspace_id", 0), who), set()).add(change.address)

    def elsewhere(self, side: str, change: Change, values: Json, who: str) -> bool:
        """Return whether another resource manages the same member, before or after the apply."""
        return bool(self.managed.get((side, values.get("workspace_id", 0), who), set()) - {change.address})

    def of(self, values: Json) -> str:
        """Return the name of the workspace of a member or of a set of members."""
        number = values.get("workspace_id")
        if number is None:
            return "a new workspace"
        return workspace_name({"id": number, "name": self.names.get(number)})


def resources(module: Json) -> Iterator[Json]:
    yield from module.get("resources", [])
    for child in module.get("child_modules", []):
        yield from resources(child)


def workspace_name(values: Json) -> str:
    number, name = values.get("id"), values.get("name")
    if not name:
        return f"workspace {number}" if number is not None else "a workspace"
    return f'workspace "{name}"' + (f" (ID {number})" if number is not None else "")


def person(name: str) -> str:
    return name.lower() if "@" in name else f"user {name}"


def members(change: Change, values: Json) -> Dict[str, str]:
    """Roles by person, on one side of a change of a member or of a set of members."""
    if change.type not in (MEMBER, MEMBER_SET):
        return {}
    if change.type == MEMBER:
        name = values.get("email") or values.get("user_id")
        return {person(name): values.get("user_type", "COLLABORATOR")} if name else {}
    sets = {"COLLABORATOR": values.get("collaborators"), "OWNER": values.get("owners")}
    return {person(name): role for role, names in sets.items() for name in names or [] if name}


def differences(change: Change) -> Iterator[Tuple[str, str, str]]:
    """Yield person, old role and new role; "" is no member."""
    before, after = members(change, change.before), members(change, change.after)
    if is_renamed(change):
        before = dict(zip(after, before.values()))
    for who in sorted({*before, *after}):
        old, new = before.get(who, ""), after.get(who, "")
        if old != new:
            yield who, old, new


def is_renamed(change: Change) -> bool:
    """Return whether the email of the same user changed."""
    ids = {side.get("user_id") for side in (change.before, change.after)}
    return change.type == MEMBER and len(ids) == 1 and None not in ids


def changed_attributes(change: Change) -> str:
    names = sorted({*change.before, *change.after})
    return "; ".join(
        f"{name} was {literal(change.before.get(name))}, is {literal(change.after.get(name))}"
        for name in names
        if change.before.get(name) != change.after.get(name)
    )


def literal(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


# What changed on the instance


def describe_drift(changes: List[Change], workspaces: Workspaces) -> Iterator[str]:
    gone = [c.before.get("id") for c in changes if c.type == WORKSPACE and not c.after]
    for change in changes:
        if change.type == WORKSPACE:
            yield from workspace_drift(change, changes)
        elif change.type not in (MEMBER, MEMBER_SET):
            yield f"{change.address} changed" if change.after else f"{change.address} is gone"
        elif change.before.get("workspace_id") not in gone:
            yield from (line + at(change) for line in member_drift(change, workspaces))


def workspace_drift(change: Change, changes: List[Change]) -> Iterator[str]:
    if change.after:
        yield f"{workspace_name(change.before)} changed: {changed_attributes(change)}" + at(change)
        return
    number = change.before.get("id")
    lost = {
        who
        for other in changes
        if other.type in (MEMBER, MEMBER_SET) and other.before.get("workspace_id") == number
        for who in members(other, other.before)
    }
    also = f", and with it these members: {', '.join(sorted(lost))}" if lost else ""
    yield f"{workspace_name(change.before)} is gone or no longer accessible to the account{also}" + at(change)


def member_drift(change: Change, workspaces: Workspaces) -> Iterator[str]:
    if change.type == MEMBER_SET and not change.after:
        yield f"the members of {workspaces.of(change.before)} are no longer accessible"
        return
    workspace = workspaces.of(change.before)
    if change.after and is_renamed(change) and not list(differences(change)):
        yield f"a member of {workspace} changed: {changed_attributes(change)}"
    for who, old, new in differences(change):
        if not new:
            yield f"{who} is no longer a member of {workspace}, was {old}"
        elif not old:
            yield f"{who} was added to {workspace} as {new}"
        else:
            yield f"{who} is now {new} of {workspace}, was {old}"


# What an apply would do


def describe_planned(changes: List[Change], workspaces: Workspaces) -> Iterator[str]:
    describe = {WORKSPACE: planned_workspace, MEMBER: planned_member, MEMBER_SET: planned_member_set}
    for change in changes:
        if not change.type:
            continue  # A data source.
        if change.moved_from and change.moved_from != change.address:
            yield f"move {change.moved_from} to {change.address} in state"
        if change.imported:
            yield f"import {change.address}"
        if change.actions == ["forget"]:
            yield f"remove {change.address} from state, without changing it"
        elif change.actions != ["no-op"]:
            lines = describe.get(change.type, planned_other)(change, workspaces)
            yield from (line + at(change) for line in lines)


def planned_workspace(change: Change, _: Workspaces) -> Iterator[str]:
    if change.actions == ["update"]:
        yield f"change settings of {workspace_name(change.before)}: {changed_attributes(change)}"
        return
    if change.before:
        yield f"remove {workspace_name(change.before)} from state (not deleted)"
    if change.after:
        name = workspace_name({"name": change.after.get("name")})
        yield f"adopt or create {name}" if change.after.get("adopt_existing") else f"create {name}"


def planned_member(change: Change, workspaces: Workspaces) -> Iterator[str]:
    same_workspace = change.before.get("workspace_id") == change.after.get("workspace_id")
    if change.actions == ["update"] and same_workspace and members(change, change.after):
        yield from planned_differences(change, workspaces)
    elif change.actions == ["update"]:
        yield from [*added(change, workspaces), *removed(change, workspaces)]
    else:
        yield from [*removed(change, workspaces), *added(change, workspaces)]


def removed(change: Change, workspaces: Workspaces) -> Iterator[str]:
    for who in members(change, change.before):
        if workspaces.elsewhere("after", change, change.before, who):
            yield f"leave {who} of {workspaces.of(change.before)} to another resource"
        else:
            yield f"remove {who} from {workspaces.of(change.before)}"


def added(change: Change, workspaces: Workspaces) -> Iterator[str]:
    if change.after and not members(change, change.after):
        yield f"add {LATER} to {workspaces.of(change.after)} as {change.after.get('user_type')}"
    for who, role in members(change, change.after).items():
        if workspaces.elsewhere("before", change, change.after, who):
            yield f"manage {who} of {workspaces.of(change.after)} in place of another resource, as {role}"
        else:
            yield f"add {who} to {workspaces.of(change.after)} as {role}"


def planned_member_set(change: Change, workspaces: Workspaces) -> Iterator[str]:
    workspace = workspaces.of(change.after)
    people = [f"{who} ({role})" for who, role in sorted(members(change, change.after).items())]
    if is_unknown(change.unknown.get("owners")) or is_unknown(change.unknown.get("collaborators")):
        people.append(LATER)
    elif change.actions == ["update"]:
        yield from planned_differences(change, workspaces)
        return
    if change.before and change.actions != ["update"]:
        yield f"stop managing the members of {workspaces.of(change.before)}, without removing any"
    if change.after:
        yield f"make these the only members of {workspace}: {', '.join(people)}"


def is_unknown(mark: Any) -> bool:
    return any(mark) if isinstance(mark, list) else bool(mark)


def planned_differences(change: Change, workspaces: Workspaces) -> Iterator[str]:
    workspace = workspaces.of(change.before)
    if not list(differences(change)):
        yield f"change the state of members of {workspace}: {changed_attributes(change)}"
    for who, old, new in differences(change):
        if not new:
            yield f"remove {who} from {workspace}"
        elif not old:
            yield f"add {who} to {workspace} as {new}"
        else:
            yield f"make {who} {new} of {workspace}, is {old}"


def planned_other(change: Change, _: Workspaces) -> Iterator[str]:
    yield " and ".join(change.actions)


def changed_outputs(plan: Json) -> Iterator[str]:
    for name, change in sorted((plan.get("output_changes") or {}).items()):
        if change["actions"] != ["no-op"]:
            yield f"{change['actions'][0]} the output {name}"


# Checks


def describe_checks(plan: Json, statuses: Tuple[str, ...]) -> Iterator[str]:
    for check in plan.get("checks") or []:
        if check["address"].get("kind") != "check" or check.get("status") not in statuses:
            continue
        name = check["address"]["to_display"]
        messages = [p.get("message", "") for i in check.get("instances") or [] for p in i.get("problems") or []]
        if check["status"] == "unknown":
            yield f"{name} is unknown until the changes are applied: report on a -refresh-only plan as well"
        else:
            yield ": ".join([f"{name} failed", *filter(None, messages)])


def report_of(path: str, refresh_only: str) -> Report:
    report = examined(path)
    if not refresh_only:
        return report
    decided = examined(refresh_only)
    return report._replace(checks=decided.checks, notes=decided.notes)


def examined(path: str) -> Report:
    plan = load(path)
    try:
        return examine(plan)
    except (AttributeError, KeyError, TypeError) as error:
        raise Unreadable(f"{name_of(path)} is not the output of `terraform show -json PLAN`: {error!r}") from error


def examine(plan: Json) -> Report:
    drift = [Change.of(entry) for entry in plan.get("resource_drift") or []]
    changes = [Change.of(entry) for entry in plan.get("resource_changes") or []]
    workspaces = Workspaces(plan, drift, changes)
    return Report(
        drift=list(describe_drift(drift, workspaces)),
        planned=[*describe_planned(changes, workspaces), *changed_outputs(plan)],
        checks=list(describe_checks(plan, ("fail", "error"))),
        notes=list(describe_checks(plan, ("unknown",))),
    )


class Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Exit with 1: the usual 2 would look like drift."""
        self.exit(FAILED, f"drift_report: {message}; see --help\n")


def main() -> int:
    parser = Parser(description=__doc__, usage=argparse.SUPPRESS, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("plan", nargs="?", default="-", help='output of "terraform show -json PLAN"; "-", the default, is standard input')
    parser.add_argument("refresh_only", nargs="?", default="", help="the same of a -refresh-only plan")
    args = parser.parse_args()
    try:
        report = report_of(args.plan, args.refresh_only)
    except Unreadable as problem:
        print(f"drift_report: {one_line(str(problem))}", file=sys.stderr)
        return FAILED
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    print(report.text())
    return report.exit_status()


if __name__ == "__main__":
    sys.exit(main())
