# SPDX-License-Identifier: AGPL-3.0-or-later
"""The official Python client, as PyPI has it, against the real server: python_flows.py, each flow a test."""
import json
import re
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent
FLOWS = re.findall(r"^async def flow_(\w+)", (HERE / "python_flows.py").read_text(), re.M)


@pytest.fixture(scope="module", params=["2", "0"], ids=["current", "first"])
def outcome(request, install, environment, documents):
    python = install(f"sdk-python-{request.param}", f"requirements-{request.param}.txt")
    done = subprocess.run([str(python), str(HERE / "python_flows.py"), str(documents), *FLOWS], env=environment,
                          capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return {line["flow"]: line["error"] for line in lines}


@pytest.mark.parametrize("flow", FLOWS)
def test_flow(outcome, flow):
    assert outcome[flow] is None, outcome[flow]
