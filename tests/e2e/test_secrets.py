"""Goal: the token is nowhere after registration, syncs, errors at trace level and a crash; the e-mail is nowhere but in the
credential object for those who may see it; and of what Bitbucket shows, no value of a variable, address of a hook, key, client
of a runner or avatar is kept. Method: canaries, and a search for every spelling of them in every file, log and answer of the
run."""

import base64
import json
import pathlib
import signal
import unittest
import urllib.parse

import harness
from harness import Case

EMAIL = "canary.person@example.com"
TOKEN = "ATATT3xFfGF0CanaryCanaryCanary0123456789abcdefghijklmnopqrstuvwxyzQ=DEADBEEF"


def spellings(text):
    raw = text.encode()
    pair = base64.b64encode(f"{EMAIL}:{TOKEN}".encode())
    return {raw, base64.b64encode(raw).rstrip(b"="), base64.urlsafe_b64encode(raw).rstrip(b"="), pair[:-4], raw.hex().encode(),
            raw.hex().upper().encode(), urllib.parse.quote(text, safe="").encode(), text.encode("utf-16-le"),
            text.encode("utf-16-be")}


# What the simulator puts where real bodies hold secrets (tests/simulator/secrets.hpp), and what all its avatars have.
CANARY, KEY, AVATAR = "canary-5eed-4f1d-9c3a-not-to-be-kept", "Y2FuYXJ5LWtleS1ub3QtdG8tYmUtaGVs", "avatar/"
# The kinds that show them, and how often at least in the world of this test.
HOLDERS = {"pipeline_variable": CANARY, "webhook": CANARY, "runner": CANARY, "deploy_key": KEY, "pull_request": AVATAR,
           "workspace_member": AVATAR, "repository": AVATAR}


class Secrets(Case):
    def found(self, needles, files, answers):
        hits = [str(f) for f in files for n in needles if n in f.read_bytes()]
        return hits + [a.body[:300] for a in answers for n in needles if n in a.body or n in str(a.headers).encode()]

    def without_credential(self, answer):
        """The answer without the e-mail of a source's credential object, where an operator may see it."""
        if answer.status < 300 and answer.headers.get("content-type", "").startswith("application/json"):
            document = answer.json
            for source in [document, *document.get("items", [])]:
                if isinstance(source.get("credential"), dict):
                    source["credential"].pop("email")
            return harness.Answer(answer.status, answer.headers, json.dumps(document).encode())
        return answer

    def test_an_account_that_commits_is_not_named_by_its_address(self):
        mine = "person15@example.com"
        sim = self.simulator("--seed", 3, "--repositories", 3, "--pull-requests", 60, "--email", mine)
        daemon = self.daemon(sim)
        answer = daemon.register(sim.credential)
        self.assertEqual(answer.status, 201, answer.body)
        daemon.finished(daemon.sync_of(answer))
        key = daemon.ask("POST", "/v1/api-keys", {"name": "reader", "roles": ["auditor"]}).json["key"]
        commits = daemon.ask("GET", "/v1/artifacts?kind=commit&limit=200", key=key)
        self.assertTrue(b"person15 <p***@example.com>" in commits.body)
        self.assertTrue(b"<person39@example.com>" in commits.body)
        daemon.process.stop()
        files = [f for f in self.folder.rglob("*") if f.is_file() and "evidenced.db" in f.name]
        self.assertTrue(files)
        self.assertEqual(self.found([mine.encode()], files, [commits]), [])

    def test_no_file_log_or_answer_holds_the_canaries(self):
        sim = self.simulator("--seed", 3, "--repositories", 3, "--pull-requests", 60)
        made = sim.token(email=EMAIL, token=TOKEN)
        daemon = self.daemon(sim)
        refused = daemon.register((EMAIL, TOKEN[:-1] + "0"))
        self.assertEqual(refused.status, 422)
        daemon.ask("POST", "/v1/sources", '{"credential":{"email":"' + EMAIL + '","token":"' + TOKEN + '","token":"' + TOKEN)
        daemon.ask("POST", "/v1/sources", {"kind": TOKEN, "credential": {"email": EMAIL, "token": TOKEN, TOKEN: EMAIL}})
        answer = daemon.register(made)
        self.assertEqual(answer.status, 201, answer.body)
        source = answer.json["id"]
        daemon.finished(daemon.sync_of(answer))
        sim.fault(kind="status", path="/2.0", status=500, count=3, text=json.dumps({"error": {"message": TOKEN + EMAIL}}))
        started = daemon.ask("POST", f"/v1/sources/{source}/syncs", {"mode": "full"})
        daemon.finished(started.json["id"])
        key = daemon.ask("POST", "/v1/api-keys", {"name": "reader", "roles": ["auditor"]}).json["key"]
        for path in ("/v1/sources", f"/v1/sources/{source}", "/v1/status", "/v1/artifacts?limit=200", "/v1/syncs", "/metrics"):
            daemon.ask("GET", path, key=key)
        daemon.ask("GET", f"/v1/sources/{source}/credential", key=key)
        before = [self.without_credential(answer) for answer in daemon.seen]

        shown = daemon.get(f"/v1/sources/{source}/credential")
        self.assertEqual(shown["email"], EMAIL)
        self.assertNotIn(TOKEN, json.dumps(shown))

        daemon.process.child.send_signal(signal.SIGSEGV)
        daemon.process.child.wait()
        self.restart(daemon)
        daemon.command("source", "show", source)
        daemon.process.stop()

        files = [f for f in self.folder.rglob("*") if f.is_file() and sim.folder not in f.parents and f.name != "sim.out"]
        self.assertGreater(len(files), 3)
        self.assertEqual(self.found(spellings(TOKEN), files, daemon.seen), [])
        self.assertEqual(self.found(spellings(EMAIL), files, before), [])
        self.assertEqual(list(pathlib.Path(".").glob("core*")), [])

    def test_no_file_log_export_or_answer_holds_what_bitbucket_shows_of_secrets(self):
        sim = self.simulator("--seed", 4, "--repositories", 4, "--pull-requests", 40, "--with-pipelines", 100)
        shown = [json.loads(line) for line in sim.ask("GET", "/_sim/expected?token=0&all=1").body.splitlines()]
        for kind, needle in HOLDERS.items():
            holding = [o for o in shown if o["kind"] == kind and needle in json.dumps(o["json"])]
            self.assertGreater(len(holding), 0, kind)
        daemon = self.daemon(sim)
        answer = daemon.register(sim.credential)
        self.assertEqual(answer.status, 201, answer.body)
        sync = daemon.sync_of(answer)
        self.assertEqual(daemon.finished(sync)["result"], "succeeded")
        # Once more with errors that quote what was asked for.
        sim.fault(kind="status", path="/2.0/repositories", status=500, count=4,
                  text=json.dumps({"error": {"message": f"cannot decrypt https://u:{CANARY}@example.com/?token={CANARY}"}}))
        again = daemon.ask("POST", f"/v1/sources/{answer.json['id']}/syncs", {"mode": "full"})
        daemon.finished(again.json["id"])
        exported = 0
        for media in ("application/x-ndjson", "text/csv"):
            export = daemon.ask("GET", "/v1/artifacts", headers={"Accept": media})
            exported += export.body.count(b"\n")
        self.assertGreater(exported, 200)
        stored = list(daemon.all("/v1/artifacts?limit=200"))
        for kind in HOLDERS:
            self.assertGreater(len([a for a in stored if a["kind"] == kind]), 0, kind)
        for artifact in [a for a in stored if a["kind"] in HOLDERS]:
            daemon.ask("GET", f"/v1/artifacts/{artifact['id']}/raw")
            daemon.ask("GET", f"/v1/artifacts/{artifact['id']}/revisions")
        for path in (f"/v1/syncs/{sync}/report", f"/v1/syncs/{again.json['id']}", "/v1/changes?after=0&limit=500", "/v1/kinds",
                     f"/v1/sources/{answer.json['id']}/drift", f"/v1/sources/{answer.json['id']}/coverage", "/metrics"):
            daemon.ask("GET", path)
        output = self.folder / "export.csv"
        daemon.command("artifact", "export", "-o", "csv", "--file", output)
        self.assertTrue(output.exists())
        daemon.process.stop()
        files = [f for f in self.folder.rglob("*") if f.is_file() and sim.folder not in f.parents and f.name != "sim.out"]
        self.assertGreater(len(files), 4)
        needles = {CANARY.encode(), base64.b64encode(CANARY.encode()).rstrip(b"="), CANARY.encode().hex().encode(),
                   KEY.encode(), AVATAR.encode()}
        self.assertEqual(self.found(needles, files, daemon.seen), [])


if __name__ == "__main__":
    unittest.main()
