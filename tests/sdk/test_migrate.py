# SPDX-License-Identifier: AGPL-3.0-or-later
"""The blocks of docs/migrate.md that are marked "run", each by its own language, in a folder with document.pdf."""
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = Path(__file__).resolve().parents[2] / "docs/migrate.md"
BLOCKS = [(m.group(1), m.group(2), PAGE.read_text()[:m.start()].count("\n") + 2)
          for m in re.finditer(r"^```(\w+) run\n(.*?)^```$", PAGE.read_text(), re.M | re.S)]
FILES = {"sh": "run.sh", "js": "run.mjs", "python": "run.py", "go": "main.go", "php": "run.php"}


def program(language, install, code):
    if language == "python":
        return [str(install("sdk-python-2", "requirements-2.txt"))] if "import ClientConfig" in code else [sys.executable]
    name = {"sh": "sh", "js": "node", "go": "go", "php": "php"}[language]
    found = shutil.which(name)
    assert found, f"{name} is needed to run this block: tools/install-packages test"
    return [found, "run"] if language == "go" else [found]


def test_the_page_has_all_languages():
    assert {language for language, _, _ in BLOCKS} == set(FILES)


@pytest.mark.parametrize("language,code,line", BLOCKS, ids=[f"{language}-line-{line}" for language, _, line in BLOCKS])
def test_block(language, code, line, install, environment, documents, tmp_path):
    shutil.copy(documents / "short.pdf", tmp_path / "document.pdf")
    (tmp_path / FILES[language]).write_text(code)
    env = {**environment, "GOCACHE": str(PAGE.parents[1] / "out/go-cache"), "GOFLAGS": "-buildvcs=false", "GO111MODULE": "off"}
    done = subprocess.run([*program(language, install, code), FILES[language]], cwd=tmp_path, env=env, capture_output=True, text=True,
                          timeout=180)
    assert done.returncode == 0, done.stdout + done.stderr
    if "copy_templates" not in code:
        assert "apples" in done.stdout, done.stdout + done.stderr
