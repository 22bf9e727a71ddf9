"""Goal: each troubleshooting case of a credential has a code and a remedy of its own, in the API, the CLI and the log; where
Bitbucket cannot tell cases apart, one code with the causes by likelihood. Nothing is stored on a refusal."""

import json
import unittest

from harness import Case

GOOD = "ATATT3xFfGF0" + "a1B2" * 20 + "=0123ABCD"
READ = ["read:user:bitbucket", "read:workspace:bitbucket", "read:project:bitbucket", "read:repository:bitbucket",
        "read:pullrequest:bitbucket"]


class Credentials(Case):
    def setUp(self):
        super().setUp()
        self.sim = self.simulator("--seed", 9, "--repositories", 3, "--pull-requests", 20)
        self.evidenced = self.daemon(self.sim)

    def refused(self, email, token, code, **members):
        """The API, the CLI and `validate_only` agree on the code, and nothing is stored."""
        answer = self.evidenced.register((email, token), **members)
        self.assertEqual((answer.status, answer.json["code"]), (422, code), answer.body)
        self.assertTrue(answer.json["remedy"], answer.body)
        body = {"kind": "bitbucket_cloud", "name": "x",
                "credential": {"type": "atlassian_api_token", "email": email, "token": token}, **members}
        dry = self.evidenced.ask("POST", "/v1/sources?validate_only=true", body)
        self.assertEqual(dry.status, 200, dry.body)
        self.assertFalse(dry.json["valid"])
        self.assertIn(code, dry.body.decode())
        self.assertEqual(self.evidenced.get("/v1/sources")["items"], [])
        workspaces = [flag for slug in members.get("workspaces", []) for flag in ("--workspace", slug)]
        told = self.evidenced.command("source", "add", "--name", "x", "--email", email, *workspaces, stdin=token + "\n")
        self.assertNotEqual(told.returncode, 0)
        self.assertIn(code, told.stderr)
        self.assertNotIn(token, told.stdout + told.stderr)
        self.assertIn(code, self.evidenced.process.errors())
        return answer.json

    def test_what_can_never_work_is_refused_without_asking_bitbucket(self):
        email = self.sim.credential[0]
        cases = [("jdoe", GOOD, "credential.username_not_email"), (email, "hunter2", "credential.password_suspected"),
                 (email, "ATBB" + "x" * 60, "credential.app_password"),
                 (email, "ATCTT3xFfGN0" + "x" * 60, "credential.access_token_unsupported"),
                 (email, GOOD[:30] + " " + GOOD[30:], "credential.token_malformed")]
        for who, token, code in cases:
            with self.subTest(code):
                self.refused(who, token, code)
        self.assertEqual(self.sim.requests(), [])

    def test_a_rejected_token_lists_its_causes_by_likelihood(self):
        email = self.sim.credential[0]
        problem = self.refused(email, GOOD, "credential.token_rejected")
        self.assertGreaterEqual(len(problem["causes"]), 3)
        unscoped = self.sim.token(kind="unscoped_api_token", email="unscoped@example.com")
        self.refused(*unscoped[:2], "credential.token_rejected")
        expired = self.sim.token(email="late@example.com", expires="2020-01-01T00:00:00Z")
        self.refused(*expired[:2], "credential.token_rejected")

    def test_a_missing_scope_is_named(self):
        made = self.sim.token(email="narrow@example.com", scopes=[s for s in READ if "repository" not in s])
        problem = self.refused(*made[:2], "credential.scope_missing")
        self.assertIn("read:repository:bitbucket", json.dumps(problem))

    def test_a_workspace_that_the_account_cannot_see_is_named(self):
        problem = self.refused(*self.sim.credential, "workspace.not_visible", workspaces=["not-there"])
        self.assertIn("not-there", json.dumps(problem))

    def test_a_credential_that_reaches_nothing_is_no_success(self):
        repositories = self.sim.ask("GET", "/_sim/repositories").json
        made = self.sim.token(email="lonely@example.com", hidden=[r["uuid"] for r in repositories])
        self.refused(*made[:2], "credential.reach_empty")

    def test_a_token_that_dies_stops_its_source_and_a_new_one_mends_it(self):
        made = self.sim.token(email="person@example.com")
        answer = self.evidenced.register(made)
        self.assertEqual(answer.status, 201, answer.body)
        source = answer.json["id"]
        self.assertEqual(self.evidenced.finished(self.evidenced.sync_of(answer))["result"], "succeeded")
        self.sim.ask("POST", f"/_sim/tokens/{made[2]}", json.dumps({"revoked": True}))
        checked = self.evidenced.ask("POST", f"/v1/sources/{source}/validations")
        self.assertEqual(checked.status, 200, checked.body)
        self.assertFalse(checked.json["valid"])
        codes = [check["code"] for check in checked.json["checks"] if check["status"] == "failed"]
        self.assertEqual(codes, ["credential.expired_or_revoked"], checked.body)
        self.assertGreater(len(list(self.evidenced.all("/v1/artifacts?limit=200"))), 10)
        renewed = self.sim.token(email="person@example.com")
        body = {"type": "atlassian_api_token", "email": renewed[0], "token": renewed[1]}
        rotated = self.evidenced.ask("PUT", f"/v1/sources/{source}/credential", body)
        self.assertEqual(rotated.status, 200, rotated.body)
        self.assertEqual(self.evidenced.get(f"/v1/sources/{source}")["state"], "active")


if __name__ == "__main__":
    unittest.main()
