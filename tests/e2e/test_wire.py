"""Goal: what goes over the wire of a whole sync is GET, to the configured host, and nothing else; and nothing at all to a
host that cannot prove who it is."""

import json
import socket
import subprocess
import threading
import unittest

from harness import Case


class Trap:
    """A listener that remembers whether anybody came."""

    def __init__(self):
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.visits = 0
        threading.Thread(target=self.watch, daemon=True).start()

    def watch(self):
        try:
            while True:
                connection, _ = self.socket.accept()
                self.visits += 1
                connection.close()
        except OSError:
            pass


class Wire(Case):
    def test_a_sync_sends_get_to_the_configured_host_and_nothing_else(self):
        sim = self.simulator("--seed", 3, "--repositories", 4, "--pull-requests", 120)
        daemon = self.daemon(sim)
        answer = daemon.register(sim.credential)
        self.assertEqual(daemon.finished(daemon.sync_of(answer))["result"], "succeeded")
        requests = sim.requests()
        self.assertGreater(len(requests), 10)
        self.assertEqual({r["method"] for r in requests}, {"GET"})
        self.assertEqual({r["host"] for r in requests}, {f"localhost:{sim.port}"})
        allowed = {"host", "authorization", "accept", "accept-encoding", "user-agent", "connection"}
        self.assertEqual({h for r in requests for h in r["headers"]} - allowed, set())

    def test_a_hostile_next_link_stops_its_stream_and_is_not_followed(self):
        trap = Trap()
        sim = self.simulator("--seed", 3, "--repositories", 4, "--pull-requests", 240)
        daemon = self.daemon(sim)
        hostile = f"https://127.0.0.1:{trap.port}/2.0/repositories/x?page=2"
        sim.fault(kind="foreign_next", contains="/pullrequests", count=0, text=hostile)
        answer = daemon.register(sim.credential)
        sync = daemon.finished(daemon.sync_of(answer))
        self.assertEqual(sync["result"], "partial", sync)
        stream = next(s for s in sync["streams"] if s["name"] == "pull_request")
        self.assertEqual(stream["error"]["code"], "upstream.foreign_link")
        self.assertFalse(stream["complete"])
        self.assertEqual(trap.visits, 0)

    def test_a_looping_next_link_stops_its_stream_within_three_requests(self):
        sim = self.simulator("--seed", 3, "--repositories", 1, "--pull-requests", 240)
        daemon = self.daemon(sim)
        sim.fault(kind="self_loop", contains="/pullrequests", count=0)
        answer = daemon.register(sim.credential)
        sync = daemon.finished(daemon.sync_of(answer))
        for name, path in (("pull_request", "/pullrequests?"), ("pull_request_activity", "/pullrequests/activity")):
            stream = next(s for s in sync["streams"] if s["name"] == name)
            self.assertEqual(stream["error"]["code"], "upstream.pagination_loop")
            self.assertLessEqual(sum(path in r["target"] for r in sim.requests()), 3)

    def test_a_server_that_cannot_prove_its_name_gets_no_byte(self):
        cases = {"wrong-host": "upstream.tls_hostname", "expired": "upstream.tls_expired",
                 "self-signed": "upstream.tls_untrusted", "tls1.1": "upstream.tls_version"}
        for kind, code in cases.items():
            with self.subTest(kind):
                self.tearDown()
                self.setUp()
                sim = self.unproven_simulator(kind)
                daemon = self.daemon(sim)
                answer = daemon.register(sim.credential)
                self.assertEqual((answer.status, answer.json["code"]), (502, code), answer.body)
                self.assertEqual(daemon.get("/v1/sources")["items"], [])
                self.assertEqual(sim.requests() if sim.log.exists() else [], [])

    def unproven_simulator(self, kind):
        return self.simulator("--repositories", 1, "--pull-requests", 1, "--tls", kind)


if __name__ == "__main__":
    unittest.main()
