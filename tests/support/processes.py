# SPDX-License-Identifier: AGPL-3.0-or-later
"""Whether processes live on."""
import time
from pathlib import Path


def lives(pid):
    """Whether there is such a process, and not only what its parent has not asked for."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] not in "ZX"
    except OSError:
        return False


def left_of(pids, seconds=30):
    """Those that live on after that time: what is killed is gone a moment later."""
    until = time.monotonic() + seconds
    while (left := [pid for pid in pids if lives(pid)]) and time.monotonic() < until:
        time.sleep(0.02)
    return left
