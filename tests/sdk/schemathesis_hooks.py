# SPDX-License-Identifier: AGPL-3.0-or-later
"""Long polls are not what is tested here, and would take all the time there is."""
import schemathesis


@schemathesis.hook
def before_call(context, case, kwargs):
    for good in range(2, 61):
        if case.query and case.query.get("wait") in (good, str(good)) and not isinstance(case.query["wait"], (bool, float)):
            case.query["wait"] = 1
