"""Calls an emulator with Wallaroo's SDK, and checks what the SDK reads.

The seed of the emulator is guide. Environment variables say where it is, and
in which way its responses differ.
"""

import os
import unittest

import wallaroo
from wallaroo import auth
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

URL = os.environ["WALLAROO_URL"]
PASSWORD = os.environ["WALLAROO_PASSWORD"]
DUPLICATE_STATUS = int(os.environ["DUPLICATE_STATUS"])
EMAIL, ID = "john.hummel@wallaroo.ai", "12ea09d1-0f49-405e-bed1-27eb6d10fde4"
OTHER, OTHER_ID = "john.hansarick@wallaroo.ai", "57d61aed-3058-4327-9e65-a5d39a9718c0"
NOBODY, NO_ID = "nobody@example.com", "00000000-0000-4000-8000-000000000000"


def password_fetcher(username, password):
    return auth._PasswordTokenFetcher(
        address=URL, realm="master", client_id="sdk-client", username=username, password=password
    )


class TestCase(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.client = wallaroo.Client(api_endpoint=URL, auth_type="user_password")
        cls.workspace = cls.client.create_workspace(cls.__name__)

    def call(self, function, body, client=None):
        """Calls an endpoint. No field of its response may be one that the SDK does not declare."""
        response = function.sync_detailed(client=client or self.client.mlops(), body=body)
        self.assertIsNotNone(response.parsed, response)
        self.assertEqual(response.parsed.additional_properties, {})
        return response

    def ok(self, function, body):
        response = self.call(function, body)
        self.assertEqual(response.status_code, 200, response)
        return response.parsed

    def refused(self, function, body, status, text, client=None):
        response = self.call(function, body, client)
        self.assertEqual((response.status_code, response.parsed.code), (status, status))
        self.assertIn(text, response.parsed.msg)

    def roles(self, workspace_id=None):
        body = models.WorkspacesListUsersBody(workspace_id=workspace_id or self.workspace.id())
        users = self.ok(workspaces_list_users, body).users
        # No role means the default one, and the SDK's own reader takes any letter case.
        return {user.user_id: UserType.from_str(user.user_type or "collaborator") for user in users}

    def add_body(self, **fields):
        return models.WorkspacesAddUserBody(workspace_id=self.workspace.id(), **fields)

    def remove(self, **fields):
        body = models.WorkspacesRemoveUserBody(workspace_id=self.workspace.id(), **fields)
        return self.ok(workspaces_remove_user, body).affected_rows


class Authentication(TestCase):
    def test_caller(self):
        self.assertEqual((self.client.auth.user_email(), self.client.auth.user_id()), (EMAIL, ID))

    def test_account_without_an_email(self):
        self.assertEqual(password_fetcher("admin", PASSWORD).Fetch().user_email, "admin@keycloak")

    def test_wrong_password(self):
        for username in (EMAIL, NOBODY):
            with self.assertRaises(auth.TokenFetchError) as refused:
                password_fetcher(username, "wrong").Fetch()
            self.assertIn(f"[HTTP {os.environ['BAD_PASSWORD_STATUS']}]", str(refused.exception))
            self.assertIn("Invalid user credentials", str(refused.exception))

    def test_refresh(self):
        fetcher = password_fetcher(EMAIL, PASSWORD)
        first = fetcher.Fetch()
        second = fetcher.Refresh(first._replace(expiry=first.expiry.fromtimestamp(0)))
        self.assertNotEqual(first.token, second.token)

    def test_unauthorized(self):
        clients = [generated.Client(base_url=URL)]
        for token in ("x", "a.b.c", self.client.auth._access_token().token + "x"):
            clients.append(generated.AuthenticatedClient(base_url=URL, token=token))
        for client in clients:
            for function, body in (
                (workspaces_create, models.WorkspacesCreateBody("unauthorized")),
                (workspaces_list, models.WorkspacesListBody()),
                (workspaces_list_users, models.WorkspacesListUsersBody(self.workspace.id())),
                (workspaces_add_user, self.add_body(email=OTHER)),
                (workspaces_remove_user, models.WorkspacesRemoveUserBody(self.workspace.id())),
                (users_query, models.UsersQueryBody()),
            ):
                self.refused(function, body, 401, "Unauthorized", client)


class Workspaces(TestCase):
    def test_create_and_list(self):
        made = self.ok(workspaces_create, models.WorkspacesCreateBody("made"))
        workspaces = {w.id: w for w in self.ok(workspaces_list, models.WorkspacesListBody()).workspaces}
        listed = workspaces[made.workspace_id]
        self.assertEqual((listed.name, listed.created_by), ("made", os.environ["CREATED_BY"]))
        self.assertEqual((listed.archived, listed.models, listed.pipelines), (False, [], []))
        self.assertEqual(self.roles(made.workspace_id), {ID: UserType.OWNER})
        self.assertEqual({w.id() for w in self.client.list_workspaces()}, set(workspaces))

    def test_list_of_a_user(self):
        listed = self.ok(workspaces_list, models.WorkspacesListBody(user_id=OTHER_ID)).workspaces
        is_filtered = os.environ.get("LIST_FILTER") == "user_id"
        self.assertEqual(self.workspace.id() in [w.id for w in listed], not is_filtered)

    def test_get_by_name(self):
        found = self.client.get_workspace("Workspaces")
        self.assertEqual((found.id(), found.archived(), found.created_at()[10]), (self.workspace.id(), False, "T"))
        with self.assertRaisesRegex(Exception, "does not exist"):
            self.client.get_workspace("none")

    def test_name_in_use(self):
        self.refused(workspaces_create, models.WorkspacesCreateBody("Workspaces"), DUPLICATE_STATUS, "workspace_name_key")
        with self.assertRaisesRegex(Exception, "Failed to create workspace."):
            self.client.create_workspace("Workspaces")

    def test_empty_name(self):
        self.refused(workspaces_create, models.WorkspacesCreateBody(""), 400, "workspace_name")


class Members(TestCase):
    def test_add_and_remove(self):
        self.ok(workspaces_add_user, self.add_body(email=OTHER))
        self.assertEqual(self.roles(), {ID: UserType.OWNER, OTHER_ID: UserType.COLLABORATOR})
        self.ok(workspaces_add_user, self.add_body(user_id=OTHER_ID, user_type="owner"))
        self.assertEqual(self.roles()[OTHER_ID], UserType.OWNER)
        self.ok(workspaces_add_user, self.add_body(email=OTHER.upper(), user_type="collaborator"))
        self.assertEqual(self.roles()[OTHER_ID], UserType.COLLABORATOR)
        self.assertEqual((self.remove(email=OTHER), self.remove(email=OTHER)), (1, 0))
        self.ok(workspaces_add_user, self.add_body(user_id=OTHER_ID))
        self.assertEqual((self.remove(user_id=OTHER_ID), self.remove(user_id=NO_ID)), (1, 0))
        self.assertEqual(self.roles(), {ID: UserType.OWNER})

    def test_workspace_class(self):
        workspace = Workspace(self.client, {"id": self.client.create_workspace("by-class").id()})
        for role in (UserType.OWNER, UserType.COLLABORATOR):
            workspace._add_user(self.client.get_user_by_email(OTHER), role)
            self.assertEqual(self.roles(workspace.id())[OTHER_ID], role)
        workspace.add_owner(OTHER)
        self.assertEqual(self.roles(workspace.id())[OTHER_ID], UserType.OWNER)
        with self.assertRaisesRegex(Exception, "User"):
            workspace.add_owner(NOBODY)

    def test_refusals(self):
        self.refused(workspaces_add_user, self.add_body(email=NOBODY), 400, NOBODY)
        self.refused(workspaces_add_user, self.add_body(email=OTHER, user_type="viewer"), 400, "viewer")
        self.refused(workspaces_add_user, self.add_body(), 400, "user_id")

    def test_unknown_workspace(self):
        self.assertEqual(self.roles(2**40), {})


class Users(TestCase):
    def user(self, user):
        """Reads the fields of a user that the SDK reads."""
        self.assertIs(type(user._createdTimeastamp), int)
        return user.id(), user.email(), user.username(), user.enabled()

    def test_all(self):
        users = {user.id(): self.user(user) for user in self.client.list_users()}
        self.assertEqual(users[ID], (ID, EMAIL, EMAIL, True))
        self.assertIn(("admin@keycloak", "admin", True), [user[1:] for user in users.values()])
        queried = self.ok(users_query, models.UsersQueryBody()).users.additional_properties
        self.assertEqual(set(queried), set(users))

    def test_by_id(self):
        body = models.UsersQueryBody(user_ids=[OTHER_ID, NO_ID])
        users = self.ok(users_query, body).users.additional_properties
        self.assertEqual((users[OTHER_ID].to_dict()["email"], users[NO_ID]), (OTHER, None))
        self.assertEqual(self.client.get_email_by_id(OTHER_ID), OTHER)
        self.assertEqual(self.user(self.client._get_user_by_id(OTHER_ID)), (OTHER_ID, OTHER, OTHER, True))
        self.assertIsNone(self.client._get_user_by_id(NO_ID))

    def test_by_email(self):
        self.assertEqual(self.user(self.client.get_user_by_email(OTHER.upper())), (OTHER_ID, OTHER, OTHER, True))
        self.assertIsNone(self.client.get_user_by_email(NOBODY))


if __name__ == "__main__":
    unittest.main(warnings="ignore")  # The SDK leaves connections open.
