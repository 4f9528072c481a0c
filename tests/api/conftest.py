# SPDX-License-Identifier: AGPL-3.0-or-later
"""Fixtures of the end-to-end suite: LEAPOCR_BIN=build/src/cmd/leapocr pytest tests/api."""
import pytest

import harness
import nodes
import postgres


def pytest_configure(config):
    config.addinivalue_line("markers", "embedded: of the database in the data folder alone")


def pytest_collection_modifyitems(items):
    if postgres.base():
        for item in items:
            if item.get_closest_marker("embedded"):
                item.add_marker(pytest.mark.skip("the state is on a database server"))


@pytest.fixture(scope="session")
def server():
    server = harness.Server()
    yield server
    server.close()


@pytest.fixture(scope="session")
def api(server):
    return server.client


@pytest.fixture(scope="session")
def other(server):
    """(client, organization_id, team_id) of a second tenant on the same server."""
    return server.other_team()


@pytest.fixture(scope="module")
def own_module_server():
    """A server for the tests of one file, with nothing on it."""
    server = harness.Server()
    yield server
    server.close()


@pytest.fixture
def own_server():
    """A function that starts servers with flags of their own; they end with the test."""
    servers = []

    def start(*flags):
        servers.append(harness.Server(*flags))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


@pytest.fixture
def slow_reader():
    """A server with one reader, whose pages take as long as they say (tests/fake/fake_doc.c)."""
    server = harness.Server("--readers", "1", env=nodes.fake_reading())
    yield server
    server.close()


PAGES = ["First page about apples", "Second page about pears", "Third page about plums"]


@pytest.fixture(scope="session")
def pdf():
    return harness.make_pdf(PAGES)


@pytest.fixture(scope="session")
def done_job(api, pdf):
    """A job of three pages that has been read, with boxes."""
    job_id = api.upload(pdf, format="markdown", extract_bounding_boxes=True)
    assert api.wait(job_id)["status"] == "completed"
    return job_id


@pytest.fixture
def open_upload(api, pdf):
    """An upload of one part whose bytes are there, not complete: (upload, parts)."""
    upload = api.begin(len(pdf))
    return upload, api.send_parts(upload, pdf)
