# SPDX-License-Identifier: AGPL-3.0-or-later
import os
import sys
import tempfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests/support")]
import nodes  # noqa: E402
import postgres  # noqa: E402


@pytest.fixture(scope="session")
def database_server():
    cluster = postgres.Cluster()
    os.environ["LEAPOCR_TEST_POSTGRES"] = cluster.base()
    yield cluster
    cluster.close()


@pytest.fixture
def cluster(database_server):
    """Nodes over a database of their own."""
    with tempfile.TemporaryDirectory(prefix="leapocr-nodes-") as folder:
        postgres.create(folder)
        made = nodes.Nodes(folder, postgres.url_of(folder))
        yield made
        made.close()
        for node in made.nodes:
            print(f"--- {node.name}\n" + node.log_tail())
        postgres.drop(folder)
