"""Goal: a token that ends soon is announced once in every channel, over restarts, and its calendar opens with the URL
alone. Method: the real daemon with a token that is inside a window when it is registered."""

import datetime
import json
import unittest
import urllib.parse

from harness import Case, wait_until


def in_days(days):
    moment = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=days, minutes=5)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


class Expiry(Case):
    def notices(self):
        return self.evidenced.get("/v1/changes?type=credential.expiring&type=credential.expired")["items"]

    def test_a_token_that_ends_soon(self):
        sim = self.simulator("--seed", 9, "--repositories", 2, "--pull-requests", 5)
        self.evidenced = self.daemon(sim)
        email, token = sim.credential
        credential = {"type": "atlassian_api_token", "email": email, "token": token, "expires_at": in_days(5)}
        registered = self.evidenced.ask("POST", "/v1/sources", {"kind": "bitbucket_cloud", "name": "main",
                                                                "credential": credential})
        self.assertEqual(registered.status, 201, registered.body)
        self.assertIn("credential.expiring_soon", [w["code"] for w in registered.json["warnings"]])
        source = registered.json["id"]

        wait_until("the notice", self.notices)
        for _ in range(3):
            self.evidenced.process.stop()
            self.restart(self.evidenced)
            self.evidenced.finished(self.evidenced.ask("POST", f"/v1/sources/{source}/syncs").json["id"])
        notices = self.notices()
        self.assertEqual([(n["type"], n["source_id"], n["data"]["threshold_days"]) for n in notices],
                         [("credential.expiring", source, 7)])
        log = [line for line in self.evidenced.process.errors().splitlines() if "credential expires soon" in line]
        self.assertEqual(len(log), 1, log)
        self.assertIn("credential.expiring_soon", log[0])
        metrics = self.evidenced.ask("GET", "/metrics").body.decode()
        self.assertIn('evidenced_credential_notices_total{threshold_days="7"} 1', metrics)
        listed = self.evidenced.command("expirations", "-o", "json")
        self.assertEqual(listed.returncode, 3, listed.stderr)
        item = json.loads(listed.stdout)["items"][0]
        self.assertEqual((item["days_left"], item["state"], [n["threshold_days"] for n in item["notices"]]),
                         (5, "expiring", [7]))

        made = self.evidenced.command("calendar", "create", "--name", "Team")
        self.assertEqual(made.returncode, 0, made.stderr)
        url = urllib.parse.urlsplit(made.stdout.strip())
        self.assertEqual(url.netloc, f"127.0.0.1:{self.evidenced.port}")
        calendar = self.evidenced.ask("GET", url.path, key="")
        self.assertEqual((calendar.status, calendar.headers["content-type"]), (200, "text/calendar; charset=utf-8"))
        self.assertIn(f"UID:{source}-1@evidenced\r\n".encode(), calendar.body)

        again = {**credential, "expires_at": in_days(300)}
        self.assertEqual(self.evidenced.ask("PUT", f"/v1/sources/{source}/credential", again).status, 200)
        changed = self.evidenced.ask("GET", url.path, key="").body
        self.assertEqual((changed.count(b"STATUS:CANCELLED"), changed.count(b"STATUS:CONFIRMED")), (1, 1))
        self.assertEqual(self.evidenced.command("expirations").returncode, 0)
        self.assertEqual(len(self.notices()), 1)

        feed = self.evidenced.get("/v1/calendar-feeds")["items"][0]["id"]
        self.assertEqual(self.evidenced.command("calendar", "revoke", feed).returncode, 0)
        self.assertEqual(self.evidenced.ask("GET", url.path, key="").status, 404)
        capability = url.path.rsplit("/", 1)[1].removesuffix(".ics")
        self.assertNotIn(capability, self.evidenced.process.errors())
        for file in self.evidenced.state.rglob("*"):
            if file.is_file():
                self.assertNotIn(capability.encode(), file.read_bytes(), file)


if __name__ == "__main__":
    unittest.main()
