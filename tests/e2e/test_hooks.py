"""Goal: what changes in Bitbucket is fresh within seconds of its webhook, a hundred deliveries cost two looks, and what is
not signed does nothing. Method: the real daemon, the simulator over TLS, and deliveries that are signed here."""

import hashlib
import hmac
import json
import time
import unittest
import urllib.parse

from harness import Case, wait_until


class Hooks(Case):
    def setUp(self):
        super().setUp()
        self.sim = self.simulator("--seed", 4, "--repositories", 4, "--pull-requests", 30)
        self.evidenced = self.daemon(self.sim)
        registered = self.evidenced.register(self.sim.credential, workspaces="all", start_sync=True)
        self.assertEqual(registered.status, 201, registered.body)
        self.source = registered.json["id"]
        self.assertEqual(self.evidenced.finished(self.evidenced.sync_of(registered))["result"], "succeeded")
        made = self.evidenced.command("hook", "create", "--name", "works", "--source", self.source)
        self.assertEqual(made.returncode, 0, made.stderr)
        self.url, self.secret = made.stdout.splitlines()
        self.path = urllib.parse.urlsplit(self.url).path
        self.hook = self.path.rsplit("/", 1)[1]
        self.sent = 0

    def deliver(self, event, repository, secret=None, **members):
        body = json.dumps({"repository": {"type": "repository", "uuid": repository}, **members}).encode()
        self.sent += 1
        signature = hmac.new((secret or self.secret).encode(), body, hashlib.sha256).hexdigest()
        return self.evidenced.ask("POST", self.path, body, key="", headers={
            "Content-Type": "application/json", "User-Agent": "Bitbucket-Webhooks/2.0", "X-Event-Key": event,
            "X-Request-UUID": f"00000000-0000-4000-8000-{self.sent:012}", "X-Attempt-Number": "1",
            "X-Hub-Signature": f"sha256={signature}"})

    def hook_syncs(self):
        return [s for s in self.evidenced.get("/v1/syncs?limit=100")["items"] if s["trigger"] == "hook"]

    def pull_requests(self):
        """What the simulator holds, and what is stored: by repository and number."""
        def keyed(contents):
            return {(c["destination"]["repository"]["uuid"], c["id"]): (c["title"], c["state"], c["updated_on"])
                    for c in contents}
        lines = self.sim.ask("GET", "/_sim/expected?token=0&kind=pull_request").body.splitlines()
        stored = self.evidenced.all("/v1/artifacts?kind=pull_request&limit=200")
        return keyed(json.loads(line)["json"] for line in lines), keyed(a["content"] for a in stored)

    def changed_repository(self):
        """Changes pull requests until one is not stored as it is; its repository."""
        for _ in range(50):
            self.sim.ask("POST", "/_sim/mutate?n=1&kinds=1")
            expected, stored = self.pull_requests()
            stale = [key for key in expected if expected[key] != stored.get(key)]
            if stale:
                return stale[0][0]
        raise AssertionError("nothing changed")

    def is_fresh(self):
        expected, stored = self.pull_requests()
        return expected == stored

    def test_a_change_is_fresh_within_seconds(self):
        repository = self.changed_repository()
        before = len(self.sim.requests())
        began = time.monotonic()
        self.assertEqual(self.deliver("pullrequest:updated", repository, pullrequest={"id": 1}).status, 202)
        acknowledged = time.monotonic() - began
        wait_until("the change", self.is_fresh, seconds=10)
        print(f"\nacknowledged in {acknowledged * 1000:.0f} ms, fresh after {time.monotonic() - began:.1f} s")
        self.assertLess(acknowledged, 0.2)
        sync = wait_until("the end of the sync", lambda: [s for s in self.hook_syncs() if s["state"] == "done"])[0]
        self.assertEqual(sync["result"], "succeeded")
        asked = [r["target"] for r in self.sim.requests()[before:]]
        self.assertEqual(len(asked), 2, asked)
        # The source is as whole as before: the look at one repository says nothing about it.
        self.assertEqual(self.evidenced.get(f"/v1/sources/{self.source}")["last_sync"]["result"], "succeeded")
        kinds = self.evidenced.get(f"/v1/sources/{self.source}/coverage")["kinds"]
        self.assertEqual({k["status"] for k in kinds if k["kind"] in ("pull_request", "pull_request_activity")},
                         {"available"})

    def test_a_hundred_deliveries_cost_two_looks(self):
        repository = self.changed_repository()
        times = []
        for _ in range(100):
            began = time.monotonic()
            self.assertEqual(self.deliver("pullrequest:updated", repository).status, 202)
            times.append(time.monotonic() - began)
        wait_until("the change", self.is_fresh, seconds=30)
        print(f"\n100 deliveries: the slowest of 99 was acknowledged in {sorted(times)[98] * 1000:.0f} ms")
        self.assertLess(sorted(times)[98], 0.2)
        time.sleep(20)  # longer than it would take until another look
        self.assertLessEqual(len(self.hook_syncs()), 2)
        shown = self.evidenced.get(f"/v1/inbound-hooks/{self.hook}")
        self.assertEqual(shown["deliveries"], {"accepted": 100, "ignored": 0, "duplicate": 0, "refused": 0})

    def test_only_what_is_signed_is_heard(self):
        repository = self.changed_repository()
        self.assertEqual(self.deliver("pullrequest:updated", repository, secret="wrong").json["code"],
                         "hook.signature_invalid")
        unsigned = self.evidenced.ask("POST", self.path, b"{}", key="", headers={"X-Event-Key": "repo:push"})
        self.assertEqual((unsigned.status, unsigned.json["code"]), (401, "hook.signature_missing"))
        large = self.evidenced.raw("POST", self.path, b" " * (257 * 1024))
        self.assertEqual(large.status, 413)
        elsewhere = self.evidenced.ask("POST", "/v1/hooks/bitbucket/hook_unknown", b"{}", key="")
        self.assertEqual(elsewhere.status, 404)
        # Strangers at the same address are told to wait; what is signed is heard all the same.
        refused = [self.evidenced.raw("POST", self.path, b"{}").status for _ in range(80)]
        self.assertIn(429, refused)
        self.assertEqual(self.deliver("pullrequest:updated", repository).status, 202)
        wait_until("the change", self.is_fresh, seconds=10)
        shown = self.evidenced.get(f"/v1/inbound-hooks/{self.hook}")
        self.assertEqual(shown["deliveries"]["accepted"], 1)
        self.assertEqual(shown["deliveries"]["refused"], 82)

    def test_hints_survive_a_kill_and_hooks_their_commands(self):
        repository = self.changed_repository()
        self.assertEqual(self.deliver("pullrequest:updated", repository).status, 202)
        self.evidenced.process.child.kill()
        self.evidenced.process.child.wait()
        self.restart(self.evidenced)
        wait_until("the change", self.is_fresh, seconds=20)
        self.assertIn(self.hook, self.evidenced.command("hook", "list").stdout)
        shown = self.evidenced.command("hook", "show", self.hook)
        self.assertIn("pullrequest:updated", shown.stdout)
        self.assertNotIn(self.secret, shown.stdout)
        rotated = self.evidenced.command("hook", "rotate", self.hook)
        self.assertNotEqual(rotated.stdout.splitlines()[-1], self.secret)
        self.assertEqual(self.deliver("repo:push", repository).status, 202)
        self.assertEqual(self.evidenced.command("hook", "rm", self.hook).returncode, 0)
        self.assertEqual(self.deliver("repo:push", repository).status, 404)
        self.assertNotIn(self.secret, self.evidenced.process.errors())


if __name__ == "__main__":
    unittest.main()
