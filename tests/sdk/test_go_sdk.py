# SPDX-License-Identifier: AGPL-3.0-or-later
"""The official Go client, as the module proxy has it (pinned by its hash in go/go.sum), against the real server."""
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

import harness

HERE = Path(__file__).parent / "go"
SOURCE = (HERE / "main.go").read_text()
FLOWS = re.findall(r'\{"(\w+)", \w+\}', SOURCE) + [f"{kind}_{i}{more}" for kind, count, mores in (("base", 3, ("", "_status")), ("agent", 2, ("", "_structured")))
                                                for i in range(count) for more in mores]


@pytest.fixture(scope="module")
def outcome(environment, documents, tmp_path_factory):
    go = shutil.which("go")
    assert go, "go is needed for this test: tools/install-packages test"
    (documents / "parts.pdf").write_bytes(harness.make_pdf(["A padded document"], padding=12 << 20))
    root = HERE.parents[2] / "out"
    env = {**environment, "GOCACHE": str(root / "go-cache"), "GOFLAGS": "-buildvcs=false -mod=readonly"}
    program = tmp_path_factory.mktemp("go") / "flows"
    built = subprocess.run([go, "build", "-o", str(program), "."], cwd=HERE, env=env, capture_output=True, text=True, timeout=300)
    assert built.returncode == 0, "the module proxy is needed for this test\n" + built.stdout + built.stderr
    done = subprocess.run([str(program), str(documents)], env=env, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    return {line["flow"]: line["error"] for line in map(json.loads, done.stdout.splitlines())}


@pytest.mark.parametrize("flow", FLOWS)
def test_flow(outcome, flow):
    assert outcome[flow] == "", outcome[flow]
