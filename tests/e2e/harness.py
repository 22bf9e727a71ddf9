"""What the end-to-end tests stand on: the real binary, the Bitbucket simulator over TLS, and a client that checks every
answer against the daemon's own OpenAPI document. Python's standard library and jsonschema (Debian), nothing else.

The build folder comes from EVIDENCED_BUILD. Everything lives below one temporary folder a test and is gone after it.
"""

import collections
import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import ssl
import subprocess
import tempfile
import time
import unittest
import urllib.parse

import openapi_check

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("EVIDENCED_BUILD", ROOT / "build" / "dev")).resolve()
SHARED = pathlib.Path(os.environ.get("EVIDENCED_SHARED", ROOT.parent / "shared"))
DEADLINE = 120


def wait_until(what, check, seconds=DEADLINE):
    """Polls `check` until it gives something true; fails with `what` when that takes too long."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = check()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError(f"waited {seconds} s for {what}")


# What is never stored as it came, by kind; in process the tests look at what is kept in its place.
SECRET = {"pipeline_variable": ("value",), "deploy_key": ("key",), "webhook": ("url", "url_sha256", "secret")}


def scrubbed(value):
    """What evidenced takes out of every object before it is stored: avatars, user names in clone links."""
    if isinstance(value, dict):
        return {k: scrubbed(v) for k, v in value.items() if k not in ("avatar", "oauth_client")}
    if isinstance(value, list):
        return [scrubbed(v) for v in value]
    if isinstance(value, str):
        return re.sub(r"^(https?://)[^/@]*@", r"\1", value)
    return value


# What the list of workspaces says beside the workspace is kept with it.
ACCESS = ("administrator", "permission", "last_accessed")


def comparable(kind, content):
    if kind == "workspace":
        content = {k: v for k, v in content.items() if k not in ACCESS}
    if kind == "branching_model":  # where its branches stand is not asked for
        content = {k: {**v, "branch": without(v["branch"], "target")} if isinstance(v, dict) and v.get("branch") else v
                   for k, v in content.items()}
    content = without(content, *SECRET.get(kind, ()))
    return json.dumps([kind, scrubbed(content)], sort_keys=True)


def without(members, *names):
    return {k: v for k, v in members.items() if k not in names} if isinstance(members, dict) else members


class Answer:
    """One HTTP answer."""

    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        return json.loads(self.body)


class Process:
    """A child with its output in files."""

    def __init__(self, arguments, folder, name, environment=None):
        self.out, self.err = folder / f"{name}.out", folder / f"{name}.err"
        with open(self.out, "ab") as out, open(self.err, "ab") as err:
            self.child = subprocess.Popen(
                [str(a) for a in arguments], stdin=subprocess.DEVNULL, stdout=out, stderr=err,
                env={"PATH": os.environ["PATH"], "HOME": str(folder), "LC_ALL": "C.UTF-8", **(environment or {})})

    def errors(self):
        return self.err.read_text(errors="replace")

    def alive(self):
        return self.child.poll() is None

    def stop(self, sig=signal.SIGTERM, seconds=10):
        """Ends the child; its exit code."""
        if self.alive():
            self.child.send_signal(sig)
        try:
            return self.child.wait(seconds)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()
            raise AssertionError(f"did not end {seconds} s after {sig!r}: {self.errors()[-2000:]}")


# Kinds of which a part is collected: compared in process.
PARTIAL = ("build_status", "merge_check")


class Simulator(Process):
    """`bitbucket-sim` on a port of its own."""

    def __init__(self, folder, *arguments):
        self.folder = folder / "sim"
        self.folder.mkdir(exist_ok=True)
        port_file = self.folder / "port"
        port_file.unlink(missing_ok=True)
        self.log = self.folder / "requests.log"
        super().__init__([BUILD / "bitbucket-sim", "--dir", self.folder, "--port-file", port_file, "--log", self.log,
                          *arguments], folder, "sim")
        wait_until("the simulator", lambda: self.alive() and port_file.exists() and port_file.read_text().strip())
        self.port = int(port_file.read_text())
        self.url = f"https://localhost:{self.port}"
        self.ca = self.folder / "ca.pem"
        printed = dict(line.split(" ", 1) for line in self.out.read_text().splitlines())
        self.credential = (printed["email"], printed["token"])

    def ask(self, method, path, body=None):
        """A request to the simulator itself (its controls are below /_sim/)."""
        context = ssl.create_default_context(cafile=self.ca)
        context.verify_flags |= ssl.VERIFY_X509_STRICT  # Python 3.13 does so by itself
        connection = http.client.HTTPSConnection("localhost", self.port, timeout=30, context=context)
        connection.request(method, path, body)
        answer = connection.getresponse()
        result = Answer(answer.status, dict(answer.getheaders()), answer.read())
        connection.close()
        assert result.status < 300, (method, path, result.body)
        return result

    def token(self, **options):
        """A further credential: (email, token, index)."""
        made = self.ask("POST", "/_sim/tokens", json.dumps(options)).json
        return made["email"], made["token"], made["index"]

    def fault(self, **rule):
        self.ask("POST", "/_sim/faults", json.dumps(rule))

    def switch(self, **switches):
        self.ask("POST", "/_sim/switches", json.dumps(switches))

    def expected(self, token=0):
        """What a complete collection ends with: one line for each object, comparable with `stored`."""
        lines = self.ask("GET", f"/_sim/expected?token={token}&all=1").body.splitlines()
        objects = collections.Counter(comparable(e["kind"], e["json"]) for e in map(json.loads, lines)
                                      if e["kind"] not in PARTIAL)
        # Activities have no ids: two people who are gone and approved in the same moment are one.
        return collections.Counter({o: 1 if o.startswith('["pull_request_activity"') else n for o, n in objects.items()})

    def requests(self):
        """What went over the wire, in order."""
        return [json.loads(line) for line in self.log.read_text().splitlines()]


class Daemon:
    """A state folder made by `evidenced init`, and the daemon that serves it."""

    def __init__(self, folder, base_url, ca, settings=""):
        self.folder = folder
        self.config, self.state = folder / "evidenced.toml", folder / "state"
        init = subprocess.run([BUILD / "evidenced", "init", "--config", self.config, "--state", self.state],
                              capture_output=True, text=True, timeout=30)
        assert init.returncode == 0, init.stderr
        self.key = init.stdout.splitlines()[-1].split()[-1]
        self.set("server", "listen", '"127.0.0.1:0"')
        self.set("connector", "base_url", f'"{base_url}"')
        self.set("connector", "ca_file", f'"{ca}"')
        self.set("connector", "history_days", "0")
        self.set("log", "level", '"trace"')
        for line in settings.split("\n"):
            if line.strip():
                table_key, value = line.split("=", 1)
                table, key = table_key.strip().split(".")
                self.set(table, key, value.strip())
        self.process, self.port, self.spec = None, None, None
        self.seen = []

    def set(self, table, key, value):
        """Writes one setting into the file, in its table."""
        lines = self.config.read_text().splitlines()
        start = next((i for i, line in enumerate(lines) if line.strip() == f"[{table}]"), None)
        if start is None:
            lines += ["", f"[{table}]"]
            start = len(lines) - 1
        end = next((i for i in range(start + 1, len(lines)) if lines[i].startswith("[")), len(lines))
        lines[start + 1:end] = [line for line in lines[start + 1:end] if not re.match(rf"\s*{key}\s*=", line)]
        lines.insert(start + 1, f"{key} = {value}")
        self.config.write_text("\n".join(lines) + "\n")

    def start(self):
        mark = len(self.process.errors()) if self.process else 0
        self.process = Process([BUILD / "evidenced", "serve", "--config", self.config], self.folder, "daemon")

        def listening():
            assert self.process.alive(), self.process.errors()[-4000:]
            return re.search(r"address[\"=: ]+127\.0\.0\.1:(\d+)", self.process.errors()[mark:])

        self.port = int(wait_until("the daemon to listen", listening).group(1))
        self.spec = self.spec or openapi_check.Spec(self.raw("GET", "/openapi.json").json)
        return self

    def raw(self, method, path, body=None, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=90)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
        finally:
            connection.close()

    def ask(self, method, path, body=None, key=None, headers=None):
        """A request with the first key (or `key`; "" for none), its answer checked against the OpenAPI document."""
        sent = dict(headers or {})
        key = self.key if key is None else key
        if key:
            sent["Authorization"] = f"Bearer {key}"
        if body is not None and not isinstance(body, (str, bytes)):
            body = json.dumps(body)
            sent.setdefault("Content-Type", "application/json")
        answer = self.raw(method, path, body, sent)
        self.seen.append(answer)
        self.spec.check(method, urllib.parse.urlsplit(path).path, answer)
        return answer

    def get(self, path, **kwargs):
        answer = self.ask("GET", path, **kwargs)
        assert answer.status == 200, (path, answer.status, answer.body)
        return answer.json

    def all(self, path):
        """Every item of a list, page by page."""
        while path:
            page = self.get(path)
            yield from page["items"]
            path = page["next"]

    def stored(self):
        """What is held and not removed of the kinds that `expected` tells of, comparable with it."""
        return collections.Counter(comparable(a["kind"], a["content"]) for a in self.all("/v1/artifacts?limit=200")
                                   if a["kind"] not in PARTIAL)

    def register(self, credential, **members):
        email, token = credential[:2]
        body = {"kind": "bitbucket_cloud", "name": "main",
                "credential": {"type": "atlassian_api_token", "email": email, "token": token}, **members}
        return self.ask("POST", "/v1/sources", body)

    def finished(self, sync_id, seconds=DEADLINE):
        """The sync, once it is done."""
        def done():
            sync = self.get(f"/v1/syncs/{sync_id}?wait=10")
            return sync if sync["state"] == "done" else None
        return wait_until("the sync", done, seconds)

    def sync_of(self, registered):
        return registered.headers["link"].split("/v1/syncs/")[1].split(">")[0]

    def command(self, *arguments, stdin="", stdout=subprocess.PIPE, environment=None, timeout=90):
        """A client verb of the CLI against this daemon."""
        return subprocess.run([str(BUILD / "evidenced"), *map(str, arguments)], input=stdin, stdout=stdout, stderr=subprocess.PIPE,
                              text=True, timeout=timeout, env={"PATH": os.environ["PATH"], "HOME": str(self.folder), "LC_ALL": "C.UTF-8",
                                                    "EVIDENCED_URL": f"http://127.0.0.1:{self.port}",
                                                    "EVIDENCED_API_KEY": self.key, **(environment or {})})


class Case(unittest.TestCase):
    """A test with a folder; what it started is stopped after it."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="evidenced-e2e-"))
        self.running = []

    def tearDown(self):
        for process in reversed(self.running):
            if process.alive():
                process.child.kill()
            process.child.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def simulator(self, *arguments):
        simulator = Simulator(self.folder, *arguments)
        self.running.append(simulator)
        return simulator

    def daemon(self, simulator, settings=""):
        daemon = Daemon(self.folder, simulator.url, simulator.ca, settings).start()
        self.running.append(daemon.process)
        return daemon

    def restart(self, daemon):
        daemon.start()
        self.running.append(daemon.process)
