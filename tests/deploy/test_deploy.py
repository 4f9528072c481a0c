# SPDX-License-Identifier: AGPL-3.0-or-later
"""The files under deploy/: checked by the tools that they are for, as far as the machine has them.

systemd-analyze; hadolint and the schemas of Kubernetes from PyPI; helm built by Go from its own
module; the schema of Compose lies beside this file (github.com/compose-spec/compose-go, Apache 2.0).
What cannot be had is skipped and says so.
"""
import functools
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
TOOLS = ROOT / "out/deploy-tools"
BIN = os.environ.get("LEAPOCR_BIN", str(ROOT / "build/src/cmd/leapocr"))
HELM = "helm.sh/helm/v3/cmd/helm@v3.14.4"


def run(*command, **kw):
    return subprocess.run(command, capture_output=True, text=True, timeout=kw.pop("timeout", 120), **kw)


@functools.cache
def python_tools():
    """Folder of programs, or None where PyPI cannot be reached."""
    requirements = Path(__file__).with_name("requirements.txt")
    done = TOOLS / "requirements.txt"
    if not done.exists() or done.read_text() != requirements.read_text():
        shutil.rmtree(TOOLS / "venv", ignore_errors=True)
        TOOLS.mkdir(parents=True, exist_ok=True)
        for command in ([sys.executable, "-m", "venv", TOOLS / "venv"],
                        [TOOLS / "venv/bin/pip", "install", "-q", "-r", requirements]):
            if run(*map(str, command), timeout=300).returncode != 0:
                return None
        done.write_text(requirements.read_text())
    return TOOLS / "venv/bin"


def helm():
    """The program: from the path, or as it was built by LEAPOCR_BUILD_HELM=1 (minutes)."""
    found = shutil.which("helm") or (str(TOOLS / "helm") if (TOOLS / "helm").exists() else None)
    if found is None and os.environ.get("LEAPOCR_BUILD_HELM") and shutil.which("go"):
        run("go", "install", HELM, env={**os.environ, "GOBIN": str(TOOLS)}, timeout=1200)
        found = str(TOOLS / "helm") if (TOOLS / "helm").exists() else None
    if found is None:
        pytest.skip("there is no helm (LEAPOCR_BUILD_HELM=1 builds it)")
    return found


def option_names():
    return set(re.findall(r"^\| `--([a-z0-9-]+)", (ROOT / "docs/options.md").read_text(), re.M))


def check_settings(names):
    """LEAPOCR_* of a deployment are options that there are."""
    known = {"LEAPOCR_" + n.upper().replace("-", "_") for n in option_names()}
    assert known and not {n for n in names if n.startswith("LEAPOCR_")} - known


# --- systemd ---

@pytest.fixture
def unit(tmp_path):
    """The unit as it would be on a machine that has the program."""
    if shutil.which("systemd-analyze") is None:
        pytest.skip("there is no systemd-analyze")
    text = (DEPLOY / "systemd/leapocr@.service").read_text().replace("/usr/bin/leapocr", BIN)
    path = tmp_path / "leapocr@.service"
    path.write_text(text)
    return path


def test_unit_is_right(unit):
    out = run("systemd-analyze", "verify", "--man=no", str(unit))
    assert out.returncode == 0 and out.stderr.strip() == "", out.stderr


def test_unit_leaves_little_exposed(unit):
    out = run("systemd-analyze", "security", "--offline=yes", "--threshold=30", "--no-pager", str(unit))
    assert out.returncode == 0, out.stdout[-500:]


def test_unit_allows_what_the_program_does(unit, tmp_path):
    """Every system call of a service that reads a document is in the unit's filter."""
    if shutil.which("strace") is None:
        pytest.skip("there is no strace")
    wanted = [w for line in re.findall(r"^SystemCallFilter=([^~].*)$", unit.read_text(), re.M) for w in line.split()]
    denied = [w for line in re.findall(r"^SystemCallFilter=~(.*)$", unit.read_text(), re.M) for w in line.split()]

    @functools.cache
    def members(name):
        if not name.startswith("@"):
            return {name}
        out = run("systemd-analyze", "syscall-filter", name).stdout.split("\n")[1:]
        found = set()
        for word in (line.strip() for line in out):
            if word and not word.startswith("#"):
                found |= members(word)
        return found

    allowed = set().union(*map(members, wanted)) - (set().union(*map(members, denied)) - members("@system-service"))
    trace = tmp_path / "trace"
    sys.path[:0] = [str(ROOT / "tests/support")]
    import server
    wrapper = tmp_path / "leapocr"
    wrapper.write_text(f"#!/bin/sh\nexec strace -f -qq -c -U name -o {trace} {BIN} \"$@\"\n")
    wrapper.chmod(0o755)
    with server.Server(tmp_path / "data", program=str(wrapper), options=["--readers", "1"]) as s:
        assert s.wait(s.upload(ROOT / "tests/samples/scan-clean.pdf"))["status"] == "completed"
        for pid, command in s.pids().items():
            if " serve" in command and not command.startswith("strace"):
                os.kill(pid, 15)
        s.process.wait(60)
        s.process = None
    used = {line.split()[-1] for line in trace.read_text().splitlines()[2:] if line.split()} - {"total"}
    used = {u for u in used if re.fullmatch(r"[a-z0-9_]+", u) and u != "syscall"}
    assert "landlock_restrict_self" in used or "clone" in used or "clone3" in used
    assert not used - allowed, used - allowed


def test_settings_file_is_taken(tmp_path):
    text = (DEPLOY / "systemd/leapocr.conf").read_text()
    for uncommented in (text, re.sub(r"^#(?=\w+ = )", "", text, flags=re.M)):
        check_settings("LEAPOCR_" + n.upper().replace("-", "_") for n in re.findall(r"^([a-z-]+) =", uncommented, re.M))
    path = tmp_path / "leapocr.conf"
    path.write_text(text)
    out = run(BIN, "doctor", "--help", env={**os.environ, "LEAPOCR_CONFIG": str(path)})
    assert out.returncode == 0, out.stderr


# --- the image ---

def instructions():
    text = re.sub(r"\\\n", " ", re.sub(r"^\s*#.*\n", "", (DEPLOY / "Containerfile").read_text(), flags=re.M))
    return [line.split(None, 1) for line in text.splitlines() if line.strip()]


def test_containerfile_is_clean():
    tools = python_tools()
    if tools is None:
        pytest.skip("hadolint cannot be had")
    out = run(str(tools / "hadolint"), str(DEPLOY / "Containerfile"))
    assert out.returncode == 0, out.stdout


def test_image_runs_as_nobody_special():
    last = instructions()[[i for i, line in enumerate(instructions()) if line[0] == "FROM"][-1]:]
    users = [line[1] for line in last if line[0] == "USER"]
    assert users and re.fullmatch(r"[1-9]\d+:[1-9]\d+", users[-1])
    assert len([line for line in instructions() if line[0] == "FROM"]) == 2
    copied = [line[1] for line in last if line[0] == "COPY"]
    assert copied == ["--from=build /leapocr /usr/bin/leapocr"]
    check_settings(re.findall(r"(LEAPOCR_\w+)=", " ".join(line[1] for line in instructions())))


def test_image_has_every_library():
    """Each library that the program names, or loads when it is first called, is in a package that the image installs."""
    text = " ".join(line[1] for line in instructions())
    listed = set(re.findall(r"[a-z0-9.+-]+", text))
    needed = re.findall(r"\(NEEDED\).*\[(.*)\]", run("readelf", "-d", BIN).stdout)
    where = dict(re.findall(r"(\S+) => (\S+)", run("ldd", BIN).stdout))
    program = Path(BIN).read_bytes()
    for name in (path.stem for path in (DEPLOY.parent / "src/cmd/lazy").glob("*.txt")):
        needed += sorted({found.decode() for found in re.findall(rb"\0(lib%s\.so\.\d+)\0" % name.encode(), program)})
    known = dict(re.findall(r"^\s*(\S+) \(.*x86-64\) => (\S+)", run("/sbin/ldconfig", "-p").stdout, re.M))
    where |= {name: known[name] for name in needed if name not in where and name in known}
    assert all(name in where for name in needed)
    missing = set()
    for name in needed:
        real = os.path.realpath(where.get(name, "/"))
        owner = next((out.stdout.split(":")[0] for path in (where.get(name, "/"), real, real.removeprefix("/usr"))
                      if (out := run("dpkg", "-S", path)).returncode == 0), None)
        if owner not in ("libc6", None) and owner not in listed:
            missing.add((name, owner))
    assert needed and not missing


# --- Compose ---

def compose():
    return yaml.safe_load((DEPLOY / "compose/compose.yaml").read_text())


def test_compose_file_fits_its_schema():
    schema = json.loads(Path(__file__).with_name("compose-spec.json").read_text())
    jsonschema.validate(compose(), schema)


def test_compose_nodes_are_confined_and_whole():
    services = compose()["services"]
    roles = {s["command"][2] for s in services.values() if s.get("command", [None])[0] == "serve"}
    assert roles == {"api", "runner", "courier"}
    given = set(re.findall(r"^(\w+)=", (DEPLOY / "compose/env.example").read_text(), re.M))
    asked = set(re.findall(r"\$\{(\w+)", (DEPLOY / "compose/compose.yaml").read_text()))
    assert asked == given
    for name in ("api", "runner", "courier"):
        service = services[name]
        assert service["read_only"] and service["cap_drop"] == ["ALL"] and "ports" not in service
        check_settings(service["environment"])
    for mount in (v for s in services.values() for v in s.get("volumes", ()) if v.startswith("./") and "secrets.d" not in v):
        assert (DEPLOY / "compose" / mount.split(":")[0]).is_file()


def test_compose_keys_are_made_once(tmp_path):
    shutil.copy(DEPLOY / "compose/secrets", tmp_path)
    for _ in range(2):
        assert run("sh", str(tmp_path / "secrets")).returncode == 0
        kept = {p.name: p.read_text() for p in (tmp_path / "secrets.d").iterdir()}
    assert set(kept) == {"presign", "webhooks", "metrics"}
    assert all(re.fullmatch(r"[0-9a-f]{64}", text) for text in kept.values()) and len(set(kept.values())) == 3


# --- Helm ---

SHAPES = {
    "plain": [],
    "whole": ["--set", "runner.autoscaling.enabled=true,ingress.enabled=true,ingress.tlsSecret=tls,"
              "ingress.className=nginx,serviceMonitor.enabled=true,settings.languages=eng+deu"],
}


def rendered(shape):
    out = run(helm(), "template", "ocr", str(DEPLOY / "helm/leapocr"), "--kube-version", "1.29.0", *SHAPES[shape])
    assert out.returncode == 0, out.stderr
    return [d for d in yaml.safe_load_all(out.stdout) if d]


@pytest.mark.parametrize("shape", SHAPES)
def test_chart_fits_kubernetes(shape, tmp_path):
    documents = rendered(shape)
    tools = python_tools()
    if tools is None:
        pytest.skip("the schemas of Kubernetes cannot be had")
    own = [d for d in documents if "keda.sh" not in d["apiVersion"] and "coreos.com" not in d["apiVersion"]]
    path = tmp_path / "manifests.yaml"
    path.write_text(yaml.safe_dump_all(own))
    out = run(str(tools / "kubernetes-validate"), "--strict", str(path))
    assert out.returncode == 0, out.stdout + out.stderr
    assert len(own) >= 6


def test_chart_is_linted():
    out = run(helm(), "lint", "--strict", str(DEPLOY / "helm/leapocr"))
    assert out.returncode == 0, out.stdout


def test_chart_nodes_are_confined_and_whole():
    documents = rendered("whole")
    settings = next(d for d in documents if d["kind"] == "ConfigMap")["data"]
    check_settings(settings)
    assert settings["LEAPOCR_LANGUAGES"] == "eng+deu"
    pods = {d["metadata"]["name"]: d for d in documents if d["kind"] == "Deployment"}
    assert set(pods) == {"ocr-api", "ocr-runner", "ocr-courier"}
    for deployment in pods.values():
        spec = deployment["spec"]["template"]["spec"]
        box = spec["containers"][0]["securityContext"]
        assert spec["securityContext"]["runAsNonRoot"] and box["readOnlyRootFilesystem"]
        assert box["capabilities"] == {"drop": ["ALL"]} and not box["allowPrivilegeEscalation"]
        flags = [a[2:] for a in spec["containers"][0]["args"] if a.startswith("--")]
        assert set(flags) <= option_names()
    scaled = next(d for d in documents if d["kind"] == "ScaledObject")["spec"]
    assert scaled["scaleTargetRef"]["name"] in pods and "replicas" not in pods["ocr-runner"]["spec"]
    name = re.search(r"max\((leapocr_\w+)", scaled["triggers"][0]["metadata"]["query"]).group(1)
    assert f'"{name.removeprefix("leapocr_")}"' in (ROOT / "src/api/metrics.c").read_text()
