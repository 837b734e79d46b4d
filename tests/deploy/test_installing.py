"""What people install with: the container file, compose, the service, the scripts.

Real installations are `make test-image` and `make test-wheelhouse`.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sysconfig
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.settings import load_settings

PROJECT_DIR = Path(__file__).resolve().parents[2]
DEPLOY = PROJECT_DIR / "deploy"
VERSION = tomllib.loads((PROJECT_DIR / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
SCRIPTS = sorted(
    path for path in [*DEPLOY.iterdir(), PROJECT_DIR / "tests" / "with-postgres"] if path.is_file() and not path.suffix
)
UNIT = (DEPLOY / "yiju.service").read_text(encoding="utf-8")
PAGE = (PROJECT_DIR / "docs" / "deploy.md").read_text(encoding="utf-8")
# systemd's own judgement of the unit, of 10; a line that is taken out of it raises this.
EXPOSURE = 1.5


def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture
def compose() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
    return read


def test_hadolint_finds_nothing_in_the_dockerfile() -> None:
    hadolint = Path(sysconfig.get_path("scripts")) / "hadolint"
    done = run(hadolint, PROJECT_DIR / "Dockerfile")
    assert (done.returncode, done.stdout) == (0, "")


def test_the_image_has_no_root_and_a_health_check() -> None:
    last = (PROJECT_DIR / "Dockerfile").read_text(encoding="utf-8").rpartition("\nFROM ")[2]
    assert "\nUSER 10001:10001\n" in last
    assert "\nHEALTHCHECK " in last
    assert "YIJU_HTTP__HOST=0.0.0.0" in last


def test_all_that_the_image_is_built_from_is_let_in() -> None:
    let_in = {line[1:] for line in (PROJECT_DIR / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", (PROJECT_DIR / "Dockerfile").read_text(), re.MULTILINE)
    assert {name for names in copied for name in names.split()} == let_in


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_scripts_can_be_run_and_stop_at_the_first_error(script: Path) -> None:
    text = script.read_text(encoding="utf-8")
    assert os.access(script, os.X_OK)
    assert text.startswith("#!/usr/bin/env bash\n")
    assert "\nset -euo pipefail\n" in text
    assert run("bash", "-n", script).returncode == 0


def test_every_variable_of_the_image_is_on_its_page() -> None:
    used = set(re.findall(r"\$\{([A-Z_]+):?[-+]", (DEPLOY / "build-image").read_text(encoding="utf-8")))
    used -= {"TMPDIR", "STORAGE_DRIVER", "BUILDAH_ISOLATION"}
    assert [name for name in sorted(used) if f"`{name}`" not in PAGE] == []


@pytest.mark.parametrize("name", ["yiju", "yiju-postgres", "postgres"])
def test_services_of_compose_may_do_little(compose: dict[str, Any], name: str) -> None:
    service = compose["services"][name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert not any("PASSWORD" in each and not each.endswith("_FILE") for each in service["environment"])


def test_only_this_machine_is_listened_to_unless_it_is_said(compose: dict[str, Any]) -> None:
    assert compose["services"]["yiju"]["ports"] == ["${YIJU_LISTEN:-127.0.0.1:8000}:8000"]
    assert "ports" not in compose["services"]["postgres"]


def test_compose_runs_the_image_that_is_built(compose: dict[str, Any]) -> None:
    assert {each["image"] for name, each in compose["services"].items() if name != "postgres"} == {
        f"${{YIJU_IMAGE:-localhost/yiju:{VERSION}}}"
    }
    profiles = {name: each["profiles"] for name, each in compose["services"].items()}
    assert profiles == {"yiju": ["sqlite"], "yiju-postgres": ["postgres"], "postgres": ["postgres"]}


def test_settings_of_compose_and_service_are_settings(compose: dict[str, Any], tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("postgresql+psycopg://yiju:x@postgres/yiju")
    said: dict[str, str] = {}
    for service in compose["services"].values():
        said |= {name: value for name, value in service["environment"].items() if name.startswith("YIJU_")}
    lines = re.findall(r"^#?(YIJU_\w+)=(.*)$", (DEPLOY / "yiju.env").read_text(encoding="utf-8"), re.MULTILINE)
    in_unit = re.findall(r"\b(YIJU_\w+)=(\S+)", UNIT)
    for name, value in [*lines, *in_unit]:
        said.setdefault(name, value)
    for name in said:
        if name.endswith("_FILE"):
            said[name] = str(secret)
    said["YIJU_TELEGRAM__TOKEN_FILE"] = str(tmp_path / "token")
    (tmp_path / "token").write_text("123456:" + "A" * 35)
    settings = load_settings(said)
    assert str(settings.data_dir) == "/var/lib/yiju"
    assert settings.database_url.startswith("postgresql+psycopg://yiju")


def test_the_service_writes_where_it_may() -> None:
    assert "\nStateDirectory=yiju\n" in UNIT
    assert "YIJU_DATA_DIR=/var/lib/yiju" in UNIT
    assert "\nProtectSystem=strict\n" in UNIT


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd-analyze")
def test_systemd_finds_the_service_little_exposed() -> None:
    unit = str(DEPLOY / "yiju.service")
    done = run("systemd-analyze", "security", "--offline=true", f"--threshold={int(EXPOSURE * 10)}", unit)
    told = re.search(r"exposure level for \S+: ([\d.]+)", done.stdout)
    if told is None:
        pytest.skip(f"this systemd cannot look at a unit offline: {done.stderr}")
    assert float(told[1]) <= EXPOSURE
    assert f"says {told[1]} (OK" in PAGE


def test_an_installer_of_another_python_says_so(tmp_path: Path) -> None:
    shutil.copy(DEPLOY / "install-offline", tmp_path / "install")
    (tmp_path / "PYTHON").write_text("3.99 plan9-vax\n")
    done = run(tmp_path / "install", tmp_path / "there")
    assert done.returncode == 1
    assert "3.99 plan9-vax" in done.stderr
    assert not (tmp_path / "there").exists()


def test_an_installer_with_a_damaged_file_installs_nothing(tmp_path: Path) -> None:
    shutil.copy(DEPLOY / "install-offline", tmp_path / "install")
    code = (
        'import sys, sysconfig; print(f"{sys.version_info.major}.{sys.version_info.minor} {sysconfig.get_platform()}")'
    )
    (tmp_path / "PYTHON").write_text(run("python3", "-c", code).stdout)
    (tmp_path / "constraints.txt").write_text("")
    (tmp_path / "SHA256SUMS").write_text(f"{'0' * 64}  constraints.txt\n")
    done = run(tmp_path / "install", tmp_path / "there")
    assert done.returncode == 1
    assert "文件不完整或有损坏" in done.stderr
    assert not (tmp_path / "there").exists()
