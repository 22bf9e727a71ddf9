"""Goal: `kill -9` at 50 random points of a sync loses nothing, doubles nothing and refetches at most one page a partition.

Method: a slowed simulator and a daemon that is killed and started again until the sync is done; then the store is compared
with the simulator's own state, and the simulator's request log with what an undisturbed sync asks.
"""

import collections
import itertools
import random
import re
import subprocess
import time
import unittest

from harness import Case

KILLS = 50


def partition_of(target):
    """What a page is a page of."""
    return re.sub(r"([?&])page=[^&]*&?", r"\1", target).rstrip("?&")


class Kill(Case):
    def test_a_sync_survives_fifty_kills(self):
        sim = self.simulator("--seed", 5, "--repositories", 12, "--pull-requests", 1500, "--people", 20, "--limit", 0)
        daemon = self.daemon(sim, 'connector.requests_per_hour = 100000\nlog.level = "info"')
        answer = daemon.register(sim.credential, start_sync=False)
        self.assertEqual(answer.status, 201, answer.body)
        sim.fault(kind="slow", path="/2.0", count=0, delay_ms=25)
        started = len(sim.requests())
        sync = daemon.ask("POST", f"/v1/sources/{answer.json['id']}/syncs", {"mode": "full"}).json
        dice = random.Random(50)
        kills, syncs = 0, 1
        # Where a life of the daemon begins in the log, and whether it begins with a sync of its own.
        lives = [(started, True)]
        while kills < KILLS:
            time.sleep(dice.uniform(0.0, 0.15))
            daemon.process.child.kill()
            daemon.process.child.wait()
            kills += 1
            lives.append((len(sim.requests()), False))
            self.restart(daemon)
            if daemon.get(f"/v1/syncs/{sync['id']}")["state"] == "done":
                sync = daemon.ask("POST", f"/v1/sources/{answer.json['id']}/syncs", {"mode": "full"}).json
                lives.append((len(sim.requests()), True))
                syncs += 1
        sim.ask("DELETE", "/_sim/faults")
        done = daemon.finished(sync["id"])
        self.assertEqual(done["result"], "succeeded", done)

        stored, expected = daemon.stored(), sim.expected()
        self.assertEqual(list((stored - expected).elements())[:2], [], "twice, or never there")
        self.assertEqual(list((expected - stored).elements())[:2], [], "lost")
        for artifact in daemon.all("/v1/artifacts?limit=200&fields=id,revision"):
            self.assertEqual(artifact["revision"], 1, artifact)

        requests, seen, again = sim.requests(), set(), 0
        for (begin, fresh), (end, _) in itertools.pairwise([*lives, (len(requests), False)]):
            pages = {r["target"] for r in requests[begin:end] if r["status"] == 200}
            repeats = collections.Counter(partition_of(target) for target in pages & seen) if not fresh else {}
            again += sum(repeats.values())
            for partition, count in repeats.items():
                self.assertLessEqual(count, 1, f"pages of {partition} asked for again after one kill")
            seen = pages if fresh else seen | pages
        print(f"{kills} kills, {syncs} syncs, {len(requests) - started} requests, {again} of them asked for again")

        self.assertEqual(daemon.process.stop(), 0)
        database = next(daemon.state.glob("*.db"))
        check = subprocess.run(["sqlite3", database, "PRAGMA integrity_check"], capture_output=True, text=True)
        self.assertEqual(check.stdout.strip(), "ok")


if __name__ == "__main__":
    unittest.main()
