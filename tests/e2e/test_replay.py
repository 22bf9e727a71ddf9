"""Goal: bodies that Bitbucket Cloud really sent are stored without loss: raw = the scrubbed source bytes, counts equal,
nothing rejected for its shape. Skipped where the recordings (../shared) are not at hand."""

import json
import unittest

import harness
from harness import Case, comparable

RECORDED = harness.SHARED / "bitbucket" / "recorded"


@unittest.skipUnless((RECORDED / "INDEX.tsv").exists(), "no recordings at hand")
class Replay(Case):
    def test_every_recorded_body_is_stored_as_it_was_sent(self):
        sim = self.simulator("--replay", RECORDED)
        daemon = self.daemon(sim, "connector.requests_per_hour = 100000")
        answer = daemon.register(sim.credential)
        self.assertEqual(answer.status, 201, answer.body)
        sync_id = daemon.sync_of(answer)
        rounds = sim.ask("GET", "/_sim/status").json["rounds"]
        total = 0
        for number in range(rounds):
            if number:
                sim.ask("POST", f"/_sim/round?n={number}")
                started = daemon.ask("POST", f"/v1/sources/{answer.json['id']}/syncs", {"mode": "full"})
                sync_id = started.headers["location"].rsplit("/", 1)[1]
            sync = daemon.finished(sync_id)
            self.assertEqual(sync["result"], "succeeded", (number, sync))
            served = [json.loads(line) for line in sim.ask("GET", "/_sim/served").body.splitlines()]
            stored = daemon.stored()
            for item in served:
                self.assertIn(comparable(item["kind"], json.loads(item["body"])), stored, (number, item["source"]))
            if number == 0:
                # Groups are asked for by slug, and two of the recorded workspaces share one.
                served = [item for item in served if item["kind"] != "group"]
                counts = {}
                for item in served:
                    counts[item["kind"]] = counts.get(item["kind"], 0) + 1
                seen = {stream["name"]: stream["seen"] for stream in sync["streams"]}
                self.assertEqual({kind: seen[kind] for kind in counts}, counts)
            total += len(served)
        print(f"{total} recorded bodies in {rounds} rounds")
        self.assertGreater(total, 200)


if __name__ == "__main__":
    unittest.main()
