# SPDX-License-Identifier: AGPL-3.0-or-later
"""Runs last: a route that no test has called is a route that nobody has tried."""
import pathlib

import pytest

from harness import CALLED, ON_S3, OPENAPI


def test_every_route_was_called(request):
    here = pathlib.Path(__file__).parent
    modules = {item.path.name for item in request.session.items}
    if not {p.name for p in here.glob("test_*.py")} <= modules or request.config.option.keyword:
        pytest.skip("only when the whole suite runs")
    described = {(method.upper(), path) for path, methods in OPENAPI["paths"].items()
                 for method in methods}
    if ON_S3:  # parts go to the service
        described = {(method, path) for method, path in described if not path.startswith("/store/")}
    assert described - CALLED == set()
