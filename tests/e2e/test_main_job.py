"""Goal: the program's main job, from outside: register, sync, fetch; change, sync again; equal to Bitbucket each time."""

import csv
import hashlib
import io
import json
import unittest

from harness import Case


class MainJob(Case):
    def setUp(self):
        super().setUp()
        self.sim = self.simulator("--seed", 11, "--repositories", 6, "--pull-requests", 180, "--people", 12)
        self.evidenced = self.daemon(self.sim)

    def registered(self):
        answer = self.evidenced.register(self.sim.credential, workspaces="all")
        self.assertEqual(answer.status, 201, answer.body)
        self.assertEqual(answer.headers["location"], f"/v1/sources/{answer.json['id']}")
        return answer

    def same(self):
        stored, expected = self.evidenced.stored(), self.sim.expected()
        self.assertEqual(list((stored - expected).elements())[:2], [])
        self.assertEqual(list((expected - stored).elements())[:2], [])

    def adds_up(self, sync):
        report = self.evidenced.get(f"/v1/syncs/{sync['id']}/report")
        self.assertEqual(report["requests"], sync["progress"]["requests_done"])
        self.assertRegex(report["version"], r"^\d+\.\d+\.\d+$")
        for stream in report["streams"]:
            self.assertEqual((stream["gaps"], stream["walks"]["gaps"]), ([], 0), stream)
            self.assertEqual(stream["walks"]["whole"], stream["partitions_total"], stream)
            if stream["name"] != "workspace":  # its list is counted apart
                self.assertEqual(stream["walks"]["rows"], stream["seen"], stream)

    def covers(self, source):
        coverage = self.evidenced.get(f"/v1/sources/{source}/coverage")["kinds"]
        self.assertEqual({row["kind"]: row["status"] for row in coverage if row["status"] != "available"}, {})
        for row in coverage:
            self.assertEqual(row["partitions"]["readable"], row["partitions"]["total"], row)

    def test_what_is_stored_equals_bitbucket_after_a_first_sync_and_after_changes(self):
        answer = self.registered()
        sync = self.evidenced.finished(self.evidenced.sync_of(answer))
        self.assertEqual(sync["result"], "succeeded", sync)
        self.same()
        self.adds_up(sync)
        self.covers(answer.json["id"])

        self.sim.ask("POST", "/_sim/mutate?n=40")
        for _ in range(2):  # what is gone is removed when two complete walks agree
            started = self.evidenced.ask("POST", f"/v1/sources/{answer.json['id']}/syncs", {"mode": "full"})
            self.assertEqual(started.status, 202)
            sync = self.evidenced.finished(started.headers["location"].rsplit("/", 1)[1])
            self.assertEqual(sync["result"], "succeeded", sync)
        self.same()

    def test_raw_revisions_and_exports_agree_with_the_list(self):
        self.evidenced.finished(self.evidenced.sync_of(self.registered()))
        items = list(self.evidenced.all("/v1/artifacts?kind=pull_request&limit=100"))
        self.assertEqual(len({item["id"] for item in items}), len(items))
        one = items[0]
        raw = self.evidenced.ask("GET", f"/v1/artifacts/{one['id']}/raw")
        self.assertEqual(hashlib.sha256(raw.body).hexdigest(), one["content_sha256"])
        self.assertEqual(json.loads(raw.body), one["content"])
        revisions = self.evidenced.get(f"/v1/artifacts/{one['id']}/revisions")["items"]
        self.assertEqual([r["revision"] for r in revisions], [1])

        ndjson = self.evidenced.ask("GET", "/v1/artifacts?kind=pull_request", headers={"Accept": "application/x-ndjson"})
        *lines, last = ndjson.body.splitlines(keepends=True)
        trailer = json.loads(last)["trailer"]
        self.assertEqual(trailer["count"], len(lines))
        self.assertEqual(trailer["count"], len(items))
        self.assertEqual(trailer["sha256"], hashlib.sha256(b"".join(lines)).hexdigest())

        table = self.evidenced.ask("GET", "/v1/artifacts?kind=pull_request", headers={"Accept": "text/csv"})
        rows = list(csv.reader(io.StringIO(table.body.decode(), newline="")))
        self.assertEqual(len(rows), len(items) + 1)
        for cell in (cell for row in rows[1:] for cell in row):
            self.assertFalse(cell.startswith(("=", "+", "-", "@", "\t", "\r")), cell)

    def test_the_command_line_does_the_same_job(self):
        email, token = self.sim.credential
        added = self.evidenced.command("source", "add", "--name", "Acme", "--email", email, "--wait", "-o", "json",
                                       stdin=token + "\n")
        self.assertEqual(added.returncode, 0, added.stderr)
        self.assertNotIn(token, added.stdout + added.stderr)
        listed = json.loads(self.evidenced.command("source", "list", "-o", "json").stdout)
        rows = listed["items"] if isinstance(listed, dict) else listed
        self.assertEqual([row["name"] for row in rows], ["Acme"])
        target = self.folder / "pull_requests.ndjson"
        exported = self.evidenced.command("artifact", "export", "--kind", "pull_request", "-o", "jsonl", "--file", target)
        self.assertEqual(exported.returncode, 0, exported.stderr)
        with open("/dev/full", "w") as full:
            unwritten = self.evidenced.command("artifact", "export", "--kind", "pull_request", stdout=full)
        self.assertEqual(unwritten.returncode, 1)
        self.assertIn("cli.output", unwritten.stderr)
        self.assertIn("No space left", unwritten.stderr)
        self.assertEqual(self.evidenced.command("artifact", "get", "art_unknown").returncode, 5)
        wrong = {"EVIDENCED_API_KEY": "ev_wrong"}
        self.assertEqual(self.evidenced.command("status", environment=wrong).returncode, 4)


if __name__ == "__main__":
    unittest.main()
