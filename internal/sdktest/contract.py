"""Calls an emulated instance with Wallaroo's SDK, and checks what it answers.

Every answer goes through the SDK's generated models. Those take any value for
a field, so typed() compares each value with the type that the model declares.
Each check prints one line: "pass NAME" or "fail NAME: why".
"""

import argparse
import os
import sys
import traceback
import typing

import attrs
import httpx
import wallaroo
from wallaroo import auth
from wallaroo.user import User
from wallaroo.user_type import UserType
from wallaroo.workspace import Workspace
from wallaroo.wallaroo_ml_ops_api_client import client as generated
from wallaroo.wallaroo_ml_ops_api_client import models
from wallaroo.wallaroo_ml_ops_api_client.api.user import users_query
from wallaroo.wallaroo_ml_ops_api_client.api.workspace import (
    workspaces_add_user,
    workspaces_create,
    workspaces_list,
    workspaces_list_users,
    workspaces_remove_user,
)
from wallaroo.wallaroo_ml_ops_api_client.types import Unset

ADMIN_READ = "auth/admin/realms/master/users"
UNKNOWN_ID = "00000000-0000-4000-8000-000000000000"
CHECKS = []


def check(function):
    CHECKS.append(function)
    return function


def equal(got, want, what="value"):
    if got != want:
        raise AssertionError(f"{what} is {got!r}, want {want!r}")


def raises(kind, call, *texts):
    try:
        call()
    except kind as error:
        for text in texts:
            if text not in str(error):
                raise AssertionError(f"the error lacks {text!r}: {error}") from None
        return
    raise AssertionError(f"no {kind.__name__}")


def of_type(value, declared):
    """Tells whether a value has a declared type. A bool is no int."""
    origin = typing.get_origin(declared)
    if declared is typing.Any:
        return True
    if origin is typing.Union:
        return any(of_type(value, option) for option in typing.get_args(declared))
    if origin is list:
        return isinstance(value, list) and all(of_type(item, *typing.get_args(declared)) for item in value)
    if origin is dict:
        key, item = typing.get_args(declared)
        return isinstance(value, dict) and all(of_type(k, key) and of_type(v, item) for k, v in value.items())
    if attrs.has(declared):
        return isinstance(value, declared) and typed(value) is value
    return type(value) is (type(None) if declared is None else declared)


def typed(model, kind=None):
    """Checks every field of a parsed answer, deeply, and that there are no undeclared ones."""
    if kind is not None and not isinstance(model, kind):
        raise AssertionError(f"parsed as {model!r}, want {kind.__name__}")
    hints = typing.get_type_hints(type(model), vars(models), {"Unset": Unset})
    for field in attrs.fields(type(model)):
        value = getattr(model, field.name)
        if field.name == "additional_properties":
            declared = {"additional_properties": hints[field.name]}
            if hints[field.name] == dict[str, typing.Any] and len(hints) > 1 and value:
                raise AssertionError(f"{type(model).__name__} has undeclared fields {sorted(value)}")
            hints = {**hints, **declared}
        if not of_type(value, hints[field.name]):
            raise AssertionError(f"{type(model).__name__}.{field.name} is {value!r}, declared as {hints[field.name]}")
    return model


def ok(response, kind):
    equal(int(response.status_code), 200, "status")
    return typed(response.parsed, kind)


def refused(response, kind, text):
    error = typed(response.parsed, kind)
    equal(error.code, int(response.status_code), "code in the body")
    if text.lower() not in error.msg.lower():
        raise AssertionError(f"the message lacks {text!r}: {error.msg}")
    return error


class Contract:
    """The calls, and what is known of the instance."""

    def __init__(self, arguments):
        self.given = arguments
        self.client = wallaroo.Client(api_endpoint=arguments.url, auth_type="user_password")
        self.name = arguments.name
        self.id = 0

    def mlops(self):
        return self.client.mlops()

    def add(self, **fields):
        body = models.WorkspacesAddUserBody(workspace_id=self.id, **fields)
        return workspaces_add_user.sync_detailed(client=self.mlops(), body=body)

    def remove(self, **fields):
        body = models.WorkspacesRemoveUserBody(workspace_id=self.id, **fields)
        answer = workspaces_remove_user.sync_detailed(client=self.mlops(), body=body)
        return ok(answer, models.WorkspacesRemoveUserResponse200).affected_rows

    def roles(self, workspace_id=None):
        body = models.WorkspacesListUsersBody(workspace_id=workspace_id or self.id)
        answer = ok(
            workspaces_list_users.sync_detailed(client=self.mlops(), body=body),
            models.WorkspacesListUsersResponse200,
        )
        # No role means the default one, and the SDK's own reader takes any letter case.
        return {user.user_id: UserType.from_str(user.user_type or "collaborator") for user in answer.users}

    def query(self, **fields):
        answer = users_query.sync_detailed(client=self.mlops(), body=models.UsersQueryBody(**fields))
        users = ok(answer, models.UsersQueryResponse200).users.additional_properties
        for value in users.values():
            if value is not None and not isinstance(value, models.UsersQueryResponse200UsersAdditionalPropertyType0):
                raise AssertionError(f"a user is parsed as {value!r}")
        return users

    def workspace(self):
        return Workspace(self.client, {"id": self.id})


@check
def configuration_without_a_token(c):
    answer = httpx.get(f"{c.given.url}/v1/api/config")
    equal(answer.status_code, 200, "status")
    equal(type(answer.json()["default_arch"]), str, "type of default_arch")


@check
def login_tells_who_signed_in(c):
    equal(c.client.auth.user_email(), c.given.user, "e-mail")
    equal(c.client.auth.user_id(), c.given.user_id, "id")


@check
def login_without_an_email(c):
    fetcher = password_fetcher(c, c.given.admin, c.given.password)
    equal(fetcher.Fetch().user_email, "admin@keycloak", "e-mail")


@check
def login_with_a_wrong_password(c):
    fetcher = password_fetcher(c, c.given.user, "wrong")
    raises(auth.TokenFetchError, fetcher.Fetch, f"[HTTP {c.given.bad_password}]", "Invalid user credentials")


@check
def login_of_an_unknown_user(c):
    fetcher = password_fetcher(c, "nobody@example.com", c.given.password)
    raises(auth.TokenFetchError, fetcher.Fetch, f"[HTTP {c.given.bad_password}]", "Invalid user credentials")


def password_fetcher(c, username, password):
    return auth._PasswordTokenFetcher(
        address=c.given.url, realm="master", client_id="sdk-client", username=username, password=password
    )


@check
def a_token_is_renewed(c):
    fetcher = password_fetcher(c, c.given.user, c.given.password)
    first = fetcher.Fetch()
    second = fetcher.Refresh(first._replace(expiry=first.expiry.fromtimestamp(0)))
    if first.token == second.token:
        raise AssertionError("the renewed token is the old one")


@check
def create(c):
    body = models.WorkspacesCreateBody(c.name)
    answer = workspaces_create.sync_detailed(client=c.mlops(), body=body)
    c.id = ok(answer, models.WorkspacesCreateResponse200).workspace_id


@check
def create_through_the_workspace_class(c):
    made = c.client.create_workspace(f"{c.name}-by-class")
    equal(c.roles(made.id()), {c.given.user_id: UserType.OWNER}, "users")


@check
def a_duplicate_name_is_refused(c):
    answer = workspaces_create.sync_detailed(client=c.mlops(), body=models.WorkspacesCreateBody(c.name))
    equal(int(answer.status_code), c.given.duplicate, "status")
    kind = {400: models.WorkspacesCreateResponse400, 500: models.WorkspacesCreateResponse500}[c.given.duplicate]
    refused(answer, kind, "workspace_name_key")
    raises(Exception, lambda: c.client.create_workspace(c.name), "Failed to create workspace.")


@check
def an_empty_name_is_refused(c):
    answer = workspaces_create.sync_detailed(client=c.mlops(), body=models.WorkspacesCreateBody(""))
    refused(answer, models.WorkspacesCreateResponse400, "workspace_name")


@check
def list_has_the_new_workspace(c):
    answer = workspaces_list.sync_detailed(client=c.mlops(), body=models.WorkspacesListBody())
    found = [w for w in ok(answer, models.WorkspacesListResponse200).workspaces if w.id == c.id]
    equal([w.name for w in found], [c.name], "name")
    equal(found[0].created_by, c.given.created_by, "created_by")
    equal((found[0].archived, found[0].models, found[0].pipelines), (False, [], []), "archived, models, pipelines")


@check
def list_by_user(c):
    body = models.WorkspacesListBody(user_id=c.given.other_id)
    answer = ok(workspaces_list.sync_detailed(client=c.mlops(), body=body), models.WorkspacesListResponse200)
    equal(c.id in [w.id for w in answer.workspaces], not c.given.filtered, "whether the filter is ignored")


@check
def get_by_name(c):
    found = c.client.get_workspace(c.name)
    equal((found.id(), found.name(), found.archived()), (c.id, c.name, False), "workspace")
    equal(found.created_at()[10], "T", "character of created_at")
    equal(c.client.get_workspace(c.name, create_if_not_exist=True).id(), c.id, "id")
    raises(Exception, lambda: c.client.get_workspace(c.name + "-none"), "does not exist")


@check
def the_creator_is_the_owner(c):
    equal(c.roles(), {c.given.user_id: UserType.OWNER}, "users")


@check
def users_of_an_unknown_workspace_are_none(c):
    equal(c.roles(2**40), {}, "users")


@check
def add_user_by_email(c):
    ok(c.add(email=c.given.other), models.WorkspacesAddUserResponse200)
    equal(c.roles()[c.given.other_id], UserType.COLLABORATOR, "role without one in the request")


@check
def add_user_again_changes_the_role(c):
    ok(c.add(user_id=c.given.other_id, user_type=UserType.OWNER.value), models.WorkspacesAddUserResponse200)
    equal(c.roles()[c.given.other_id], UserType.OWNER, "role")
    ok(c.add(email=c.given.other.upper(), user_type=UserType.COLLABORATOR.value), models.WorkspacesAddUserResponse200)
    equal(c.roles()[c.given.other_id], UserType.COLLABORATOR, "role")


@check
def add_user_through_the_workspace_class(c):
    user = c.client.get_user_by_email(c.given.other)
    for role in (UserType.OWNER, UserType.COLLABORATOR):
        equal(c.workspace()._add_user(user, role).id(), c.id, "id")
        equal(c.roles()[c.given.other_id], role, "role")
    equal(c.workspace().add_owner(c.given.other).id(), c.id, "id")
    equal(c.roles()[c.given.other_id], UserType.OWNER, "role")


@check
def add_user_with_an_unknown_email(c):
    refused(c.add(email="nobody@example.com"), models.WorkspacesAddUserResponse400, "nobody@example.com")
    raises(Exception, lambda: c.workspace().add_owner("nobody@example.com"), "User")


@check
def add_user_with_an_unknown_role(c):
    refused(c.add(email=c.given.other, user_type="viewer"), models.WorkspacesAddUserResponse400, "viewer")


@check
def add_user_without_a_user(c):
    refused(c.add(), models.WorkspacesAddUserResponse400, "user_id")


@check
def remove_user_by_email(c):
    equal(c.remove(email=c.given.other), 1, "affected rows")
    equal(c.remove(email=c.given.other), 0, "affected rows of a second removal")


@check
def remove_user_by_id(c):
    ok(c.add(user_id=c.given.other_id), models.WorkspacesAddUserResponse200)
    equal(c.remove(user_id=c.given.other_id), 1, "affected rows")
    equal(c.remove(user_id=UNKNOWN_ID), 0, "affected rows of an unknown user")
    equal(c.roles(), {c.given.user_id: UserType.OWNER}, "users")


@check
def all_users(c):
    users = {user.id(): user for user in c.client.list_users()}
    equal(users[c.given.user_id].email(), c.given.user, "e-mail")
    equal(set(c.query()), set(users), "ids in users/query")
    admins = [user for user in users.values() if user.username() == c.given.admin]
    equal([user.email() for user in admins], ["admin@keycloak"], "e-mail of the account without one")
    for user in users.values():
        user_fields(user)


def user_fields(user):
    for value, kind in ((user.id(), str), (user.email(), str), (user.username(), str), (user.enabled(), bool)):
        equal(type(value), kind, f"type of a field of {user}")
    equal(type(user._createdTimeastamp), int, "type of createdTimestamp")


@check
def users_by_id(c):
    users = c.query(user_ids=[c.given.other_id, UNKNOWN_ID])
    equal(set(users), {c.given.other_id, UNKNOWN_ID}, "ids")
    equal(users[UNKNOWN_ID], None, "unknown user")
    user_fields(User(c.client, users[c.given.other_id].to_dict()))
    equal(c.client.get_email_by_id(c.given.other_id), c.given.other, "e-mail")


@check
def look_up_by_email(c):
    for email in (c.given.other, c.given.other.upper()):
        user = c.client.get_user_by_email(email)
        equal((user.id(), user.email()), (c.given.other_id, c.given.other), "user")
        user_fields(user)
    equal(c.client.get_user_by_email("nobody@example.com"), None, "unknown user")


@check
def look_up_by_id(c):
    user_fields(c.client._get_user_by_id(c.given.other_id))
    equal(c.client._get_user_by_id(UNKNOWN_ID), None, "unknown user")


def without_access(c):
    yield generated.Client(base_url=c.given.url)
    for token in ("x", "a.b.c", c.client.auth._access_token().token + "x"):
        yield generated.AuthenticatedClient(base_url=c.given.url, token=token)


@check
def bad_and_missing_tokens_are_refused(c):
    calls = (
        (workspaces_create, models.WorkspacesCreateBody(c.name), models.WorkspacesCreateResponse401),
        (workspaces_list, models.WorkspacesListBody(), models.WorkspacesListResponse401),
        (workspaces_list_users, models.WorkspacesListUsersBody(c.id), models.WorkspacesListUsersResponse401),
        (workspaces_add_user, models.WorkspacesAddUserBody(c.id), models.WorkspacesAddUserResponse401),
        (workspaces_remove_user, models.WorkspacesRemoveUserBody(c.id), models.WorkspacesRemoveUserResponse401),
        (users_query, models.UsersQueryBody(), models.UsersQueryResponse401),
    )
    for client in without_access(c):
        for call, body, kind in calls:
            refused(call.sync_detailed(client=client, body=body), kind, "unauthorized")
        headers = {"Authorization": f"Bearer {client.token}"} if hasattr(client, "token") else {}
        equal(httpx.get(f"{c.given.url}/{ADMIN_READ}", headers=headers).status_code, 401, "status of the admin read")


def main():
    parser = argparse.ArgumentParser()
    for name in ("url", "name", "user", "user-id", "other", "other-id", "admin", "password", "created-by"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--bad-password", type=int, default=401)
    parser.add_argument("--duplicate", type=int, default=400)
    parser.add_argument("--filtered", action="store_true")
    given = parser.parse_args()
    os.environ.update(WALLAROO_USER=given.user, WALLAROO_PASSWORD=given.password)

    contract, failed = Contract(given), False
    for function in CHECKS:
        name = function.__name__
        try:
            function(contract)
            print(f"pass {name}", flush=True)
        except Exception as error:
            failed = True
            place = traceback.extract_tb(error.__traceback__)[-1]
            text = " ".join(f"{type(error).__name__}: {error} ({os.path.basename(place.filename)}:{place.lineno})".split())
            print(f"fail {name}: {text}", flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
