"""Goal: a disk that fills up in the middle of a sync costs time, not data: reads go on, writes say `storage.full`, `/readyz`
tells the cause, and everything goes on by itself when there is space again.

Method: the state folder is a small tmpfs in a mount namespace of this test's own, filled and freed around a sync. Skipped
where mounting is not allowed.
"""

import ctypes
import os
import subprocess
import unittest

from harness import Case, wait_until

CLONE_NEWNS = 0x00020000
DISK = 64 * 1024 * 1024


def small_disk(folder):
    """Mounts DISK bytes at `folder`, seen by this process and its children alone; whether that was allowed."""
    if os.geteuid() != 0 or ctypes.CDLL(None).unshare(CLONE_NEWNS) != 0:
        return False
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    private = subprocess.run(["mount", "--make-rprivate", "/"], **quiet).returncode == 0
    folder.mkdir()
    return private and subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", folder], **quiet).returncode == 0


class Disk(Case):
    def fill(self, path, leave):
        """Takes all space but `leave` bytes."""
        free = os.statvfs(path.parent)
        with open(path, "wb") as file:
            os.posix_fallocate(file.fileno(), 0, free.f_bavail * free.f_frsize - leave)

    def test_a_full_disk_stops_nothing_but_writes(self):
        disk = self.folder / "state"
        if not small_disk(disk):
            self.skipTest("no right to mount a tmpfs")
        self.addCleanup(subprocess.run, ["umount", "-l", disk], stderr=subprocess.DEVNULL)
        sim = self.simulator("--seed", 9, "--repositories", 8, "--pull-requests", 600, "--limit", 0)
        daemon = self.daemon(sim, 'connector.requests_per_hour = 100000\nlog.level = "info"')
        answer = daemon.register(sim.credential, start_sync=False)
        self.assertEqual(answer.status, 201, answer.body)
        source = answer.json["id"]

        filler = disk / "filler"
        self.fill(filler, 512 * 1024)
        sync = daemon.ask("POST", f"/v1/sources/{source}/syncs", {"mode": "full"}).json
        unready = wait_until("the disk to be full", lambda: self.unready(daemon), 10)
        self.assertEqual((unready.status, unready.json["code"]), (503, "storage.full"), unready.body)

        # Reads go on. A small write may still find room in the log; else it is told why it was not done.
        daemon.get("/v1/artifacts?limit=10")
        self.assertEqual(daemon.get(f"/v1/sources/{source}")["id"], source)
        late = daemon.ask("POST", "/v1/api-keys", {"name": "late", "roles": ["auditor"]})
        self.assertIn((late.status, late.json.get("code")), [(507, "storage.full"), (201, None)], late.body)
        self.assertTrue(daemon.process.alive())

        filler.unlink()
        wait_until("readiness", lambda: daemon.raw("GET", "/readyz").status == 200, 15)
        done = daemon.finished(sync["id"])
        if done["result"] != "succeeded":
            sync = daemon.ask("POST", f"/v1/sources/{source}/syncs", {"mode": "full"}).json
            done = daemon.finished(sync["id"])
        self.assertEqual(done["result"], "succeeded", done)
        stored, expected = daemon.stored(), sim.expected()
        self.assertEqual(list((stored - expected).elements())[:2], [], "twice, or never there")
        self.assertEqual(list((expected - stored).elements())[:2], [], "lost")
        self.assertEqual(daemon.process.stop(), 0)

    def unready(self, daemon):
        answer = daemon.ask("GET", "/readyz", key="")
        return answer if answer.status != 200 else None


if __name__ == "__main__":
    unittest.main()
