"""Goal: programs of others agree with the simulator: two clients of Bitbucket Cloud list what it holds, and a validating
proxy that knows Atlassian's own OpenAPI document finds nothing between daemon and simulator that is not known of the real
service. The last needs that document (../shared) and is skipped without it."""

import collections
import json
import os
import re
import ssl
import subprocess
import unittest
import urllib.error
import urllib.request

import harness
from harness import Case, Daemon, Process, wait_until

NODE = harness.ROOT / "tests" / "node"
RUN = NODE / "run"
BITBUCKET = harness.SHARED / "bitbucket"
WORLD = ("--seed", 11, "--repositories", 6, "--pull-requests", 180, "--people", 12, "--limit", 0)

# Kinds that the package `bitbucket` has no list for (or, of build statuses, none that evidenced would ask so).
UNLISTED = ("group", "runner", "merge_check", "build_status")


def objects(lines):
    """Every object with its kind, comparable, and how often it was there."""
    read = (json.loads(line) for line in lines)
    return collections.Counter(json.dumps([o["kind"], o["json"]], sort_keys=True) for o in read)


class Clients(Case):
    def setUp(self):
        super().setUp()
        self.sim = self.simulator(*WORLD, "--workspaces", 2)

    def held(self, kinds):
        return objects(line for line in self.sim.ask("GET", "/_sim/expected?all=1").body.splitlines()
                       if kinds(json.loads(line)["kind"]))

    def listed(self, script, *arguments):
        lister = subprocess.run([RUN, NODE / script, self.sim.url, *self.sim.credential, *arguments], capture_output=True,
                                text=True, timeout=120, env={**os.environ, "NODE_EXTRA_CA_CERTS": str(self.sim.ca)})
        self.assertEqual(lister.returncode, 0, lister.stderr)
        return lister.stdout.splitlines()

    def same(self, listed, held):
        self.assertGreater(held.total(), 10)
        self.assertEqual(list((listed - held).elements())[:1], [])
        self.assertEqual(list((held - listed).elements())[:1], [])

    def test_the_npm_package_bitbucket_lists_what_the_simulator_holds(self):
        # The package goes by the document, which has no slash behind pipelines; the service was seen to insist on it.
        self.sim.switch(pipelines_need_slash=False)
        self.same(objects(self.listed("list_with_bitbucket.js")), self.held(lambda kind: kind not in UNLISTED))

    def test_the_client_of_backstage_lists_what_the_simulator_holds(self):
        workspaces = sorted({r["workspace"] for r in self.sim.ask("GET", "/_sim/repositories").json})
        lines = [line for workspace in workspaces for line in self.listed("list_with_backstage.js", workspace)]
        refusals = [line for line in lines if json.loads(line)["kind"] == "refusal"]
        self.assertEqual(len(refusals), len(workspaces))
        for line in refusals:  # the list of all workspaces is gone from the service
            self.assertIn("410", json.loads(line)["json"])
        self.same(objects(line for line in lines if line not in refusals),
                  self.held(lambda kind: kind in ("project", "repository", "main_branch")))


def document():
    """Atlassian's OpenAPI document as of October 2026."""
    base = json.loads((BITBUCKET / "openapi.json").read_text())
    delta = json.loads((BITBUCKET / "openapi-2026-10-delta.json").read_text())
    gone = re.compile(r"/(issues|components|milestones|versions)(/|$)")
    base["paths"] = {path: item for path, item in base["paths"].items() if not gone.search(path)}
    for path in re.findall(r"GET (\S+)", " ".join(delta["removed_since_july"])):
        del base["paths"][path]["get"]
    base["paths"].update(delta["paths"])
    base["components"]["schemas"].update(delta["components"]["schemas"])
    return base


# Objects that are shown by several endpoints: a deviation of one is known of all.
SAME = {"commit": "commits", "effective-branching-model": "branching-model"}
EMBEDDED = {"project": "projects"}

# What the real service is known for beside those tables, and where the reference tells of it.
ALSO_KNOWN = {
    ("repositories", "mainbranch", "must be object"),  # section 6: null in an empty repository
    ("pipelines", "links.self.href", 'must match format "uri"'),  # section 9: of an inner host, braces and all
    ("pipelines", "creator", "must be object"),  # section 6: null for an erased user
    ("deploy-keys", "last_used", "must be string"),  # section 6: null when unused
    ("branching-model", "development.name", "must be string"),  # section 6: may be null
    ("pullrequests", "author", "must be object"),  # likewise
    ("pullrequests", "participants[].user", "must be object"),  # likewise
    ("pullrequests", "participants[].state", "must be string"),  # section 11, row 6: null
    ("pullrequests", "source.commit", "must be object"),  # section 11, row 4: null for a deleted fork
    ("pullrequests", "source.repository", "must be object"),  # likewise
    ("pullrequests", "source.branch", "must NOT have additional properties; found 'links'"),  # field statistics: 4 %
    ("statuses", "refname", "must be string"),  # field statistics: null
    # Asked for by `fields`; the document knows only the hash.
    ("pullrequests", "merge_commit", "must NOT have additional properties; found 'date'"),
}


class Deviation:
    """Reads violations of either source as (kind of object, location in it, rule)."""

    def __init__(self, paths):
        self.names = {segment for path in paths for segment in path.split("/") if segment and "{" not in segment}

    def of(self, path, location, message):
        kind = next(segment for segment in reversed(path.split("/")) if segment in self.names)
        location = re.sub(r"^values\[\](\.|$)", "", location)
        for member, other in EMBEDDED.items():
            if location.startswith(member + "."):
                kind, location = other, location[len(member) + 1:]
        return SAME.get(kind, kind), location, message

    def documented(self):
        """The rows of the tables of deviations of recorded bodies."""
        rows = re.findall(r"^\| \d+ \| (/\S+) \| (\S+) \| (.*) \|$", (BITBUCKET / "spec-deviations.md").read_text(), re.M)
        return {self.of(path, location.replace("(root)", ""), message) for path, location, message in rows}

    def seen(self, target, violation):
        """A violation that Prism found in the answer to `target`."""
        segments = [s for s in violation["location"] if s != "body"]
        location = ".".join("[]" if s.isdigit() else s for s in segments).replace(".[]", "[]")
        message = re.search(r"(must|Unable) .*", violation["message"]).group()
        return self.of(target.split("?")[0], location, message)


def allowed_form(target, violation):
    """Whether a violation of a request is one of the three that are asked on purpose (design: "Fields")."""
    path, _, query = target.partition("?")
    if violation["location"] == ["query", "state"]:
        return path.endswith("/pullrequests") and query.count("state=") > 1
    return violation["location"] == ["path"] and path.endswith(("/pipelines/", "/deployments/"))


@unittest.skipUnless((BITBUCKET / "openapi.json").exists(), "Atlassian's OpenAPI document is not at hand")
class Proxy(Case):
    def setUp(self):
        super().setUp()
        self.sim = self.simulator(*WORLD, "--with-pipelines", 20)
        self.log = self.folder / "exchanges"
        self.document = document()
        self.front()

    def front(self):
        specification, self.certificate, key = (self.folder / name for name in ("spec.json", "front.pem", "front.key"))
        specification.write_text(json.dumps(self.document))
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", key,
                        "-out", self.certificate], check=True, capture_output=True, timeout=30)
        front = Process([RUN, NODE / "prism_front.js", self.sim.url, specification, self.certificate, key, self.log],
                        self.folder, "front", {"NODE_EXTRA_CA_CERTS": str(self.sim.ca)})
        self.running.append(front)

        def port():
            self.assertTrue(front.alive(), front.errors())
            return front.out.read_text().strip()

        self.url = f"https://localhost:{wait_until('the proxy', port)}"

    def exchanges(self):
        return [json.loads(line) for line in self.log.read_text().splitlines()]

    def noted(self, path):
        """What the proxy notes of a request without a credential."""
        context = ssl.create_default_context(cafile=self.certificate)
        try:
            urllib.request.urlopen(self.url + path, timeout=30, context=context).close()
        except urllib.error.HTTPError as refusal:
            refusal.close()
        return self.exchanges()[-1]["request"]

    def watches(self):
        """That wrong requests are noticed."""
        self.assertEqual([v["message"] for v in self.noted("/2.0/no/such/path")], ["Selected route not found"])
        self.assertIn(["query", "role"], [v["location"] for v in self.noted("/2.0/repositories/acme-works?role=boss")])
        self.log.unlink()

    def test_nothing_between_daemon_and_simulator_that_is_not_known_of_the_service(self):
        self.watches()
        daemon = Daemon(self.folder, self.url, self.certificate).start()
        self.running.append(daemon.process)
        registered = daemon.register(self.sim.credential, workspaces="all")
        sync = daemon.finished(daemon.sync_of(registered))
        self.assertEqual(sync["result"], "succeeded")
        # What stands in for a list that this administrator may read is not asked for.
        unseen = [stream["name"] for stream in sync["streams"] if not stream["seen"]]
        self.assertEqual(unseen, ["one_repository_access"])
        self.assertEqual(list((daemon.stored() - self.sim.expected()).elements())[:1], [])
        self.sim.ask("POST", "/_sim/mutate?n=40")
        started = daemon.ask("POST", f"/v1/sources/{registered.json['id']}/syncs", {"mode": "incremental"})
        self.assertEqual(started.status, 202, started.body)
        sync = daemon.finished(started.headers["location"].rsplit("/", 1)[1])
        self.assertEqual(sync["result"], "succeeded")

        exchanges = self.exchanges()
        self.assertEqual([e for e in exchanges if "failed" in e], [])
        self.assertEqual({e["target"].split("/")[1] for e in exchanges if "undocumented" in e}, {"1.0"})
        asked = [(e["target"], violation) for e in exchanges for violation in e["request"]]
        self.assertEqual([a for a in asked if not allowed_form(*a)], [])

        deviation = Deviation(self.document["paths"])
        found = {deviation.seen(e["target"], v) for e in exchanges for v in e["response"]}
        self.assertEqual(found - deviation.documented() - ALSO_KNOWN, set())
        self.assertEqual(ALSO_KNOWN - found, set(), "known, and not seen here any more")


if __name__ == "__main__":
    unittest.main()
