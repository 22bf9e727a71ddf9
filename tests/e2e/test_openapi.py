"""Goal: the OpenAPI document is valid 3.1 by a stranger's judgement, and describes every route that answers."""

import pathlib
import subprocess
import unittest

from harness import Case

LINT = pathlib.Path(__file__).resolve().parents[1] / "node" / "lint-openapi"


class OpenApi(Case):
    def test_redocly_finds_nothing(self):
        daemon = self.daemon(self.simulator())
        document = self.folder / "openapi.json"
        document.write_bytes(daemon.raw("GET", "/openapi.json").body)
        lint = subprocess.run([LINT, document], capture_output=True, text=True, timeout=120)
        self.assertEqual(lint.returncode, 0, lint.stdout + lint.stderr)


if __name__ == "__main__":
    unittest.main()
