# SPDX-License-Identifier: AGPL-3.0-or-later
"""Schemathesis against the server and its own openapi.json: no 5xx, no reply that is not described.

SCHEMATHESIS_SECONDS: how long; SCHEMATHESIS_SEED: which way. Left out: upload URLs, which are made by the server alone, and streams,
which last as long as their jobs.
"""
import os
import subprocess
from pathlib import Path

import harness

CHECKS = ("not_a_server_error", "status_code_conformance", "content_type_conformance", "response_headers_conformance",
          "response_schema_conformance", "unsupported_method")


def test_every_reply_is_described(install, tmp_path):
    python = install("schemathesis", "requirements-schemathesis.txt")
    seconds = os.environ.get("SCHEMATHESIS_SECONDS", "60")
    server = harness.Server()
    try:
        done = subprocess.run(
            [str(python.parent / "schemathesis"), "run", server.url + "/api/v1/docs/openapi.json", "-H", "X-API-Key: " + server.key,
             "--phases", "examples,coverage,fuzzing", "--max-examples", "20", "--max-time", seconds,
             "--seed", os.environ.get("SCHEMATHESIS_SEED", "1"), "--checks", ",".join(CHECKS), "--no-shrink",
             "--exclude-path-regex", "^/store/|/events$", "--request-timeout", "20", "--warnings", "off",
             "--suppress-health-check", "all"],
            cwd=tmp_path, capture_output=True, text=True, timeout=int(seconds) + 240,
            env={**os.environ, "NO_COLOR": "1", "SCHEMATHESIS_HOOKS": "schemathesis_hooks", "PYTHONPATH": str(Path(__file__).parent)})
        assert done.returncode == 0, done.stdout[-20000:] + done.stderr[-5000:]
        assert server.client.call("GET", "/health").json()["status"] == "healthy"
    finally:
        server.close()
