"""Goal: `kill -9` at 50 random points of a sync loses nothing, doubles nothing and refetches at most one page a partition.

Method: a slowed simulator and a daemon that is killed and started again until the sync is done; then the store is compared
with the simulator's own state, and the simulator's request log with what an undisturbed sync asks.
"""

import collections
import random
import subprocess
import time
import unittest

from harness import Case

KILLS = 50


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
        while kills < KILLS:
            time.sleep(dice.uniform(0.0, 0.15))
            daemon.process.child.kill()
            daemon.process.child.wait()
            kills += 1
            self.restart(daemon)
            if daemon.get(f"/v1/syncs/{sync['id']}")["state"] == "done":
                sync = daemon.ask("POST", f"/v1/sources/{answer.json['id']}/syncs", {"mode": "full"}).json
                syncs += 1
        sim.ask("DELETE", "/_sim/faults")
        done = daemon.finished(sync["id"])
        self.assertEqual(done["result"], "succeeded", done)

        stored, expected = daemon.stored(), sim.expected()
        self.assertEqual(list((stored - expected).elements())[:2], [], "twice, or never there")
        self.assertEqual(list((expected - stored).elements())[:2], [], "lost")
        for artifact in daemon.all("/v1/artifacts?limit=200&fields=id,revision"):
            self.assertEqual(artifact["revision"], 1, artifact)

        # A kill interrupts at most two requests (the concurrency of an account): only their pages are asked for again.
        pages = collections.Counter(r["target"] for r in sim.requests()[started:] if r["status"] == 200)
        repeats = sum(count - syncs for count in pages.values() if count > syncs)
        print(f"{kills} kills, {syncs} syncs, {sum(pages.values())} pages, {repeats} of them asked for again")
        self.assertLessEqual(repeats, 3 * kills + 5)

        self.assertEqual(daemon.process.stop(), 0)
        database = next(daemon.state.glob("*.db"))
        check = subprocess.run(["sqlite3", database, "PRAGMA integrity_check"], capture_output=True, text=True)
        self.assertEqual(check.stdout.strip(), "ok")


if __name__ == "__main__":
    unittest.main()
