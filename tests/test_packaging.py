"""What is installed: the console script, the pins, and the files that people and CI start from."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

PROJECT_DIR = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((PROJECT_DIR / "pyproject.toml").read_text(encoding="utf-8"))["project"]
MAKEFILE = (PROJECT_DIR / "Makefile").read_text(encoding="utf-8")


def pins() -> dict[str, Version]:
    lines = (PROJECT_DIR / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pairs = [line.split("==") for line in lines if line and not line.startswith("#")]
    return {canonicalize_name(name): Version(version.strip()) for name, version in pairs}


def requirements() -> list[Requirement]:
    groups = [PROJECT["dependencies"], *PROJECT["optional-dependencies"].values()]
    return [Requirement(text) for group in groups for text in group]


@pytest.mark.parametrize("requirement", requirements(), ids=lambda requirement: requirement.name)
def test_every_dependency_is_pinned_within_its_range(requirement: Requirement) -> None:
    pinned = pins()
    assert canonicalize_name(requirement.name) in pinned, "add it to constraints.txt"
    assert pinned[canonicalize_name(requirement.name)] in requirement.specifier


def test_the_licence_is_apache() -> None:
    text = (PROJECT_DIR / "LICENSE").read_text(encoding="utf-8")
    assert "Apache License" in text
    assert "END OF TERMS AND CONDITIONS" in text


def test_make_help_explains_every_command() -> None:
    phony = re.search(r"^\.PHONY: (.*)$", MAKEFILE, re.MULTILINE)
    assert phony
    targets = set(phony[1].split())
    shown = subprocess.run(["make", "help"], cwd=PROJECT_DIR, capture_output=True, text=True, check=True).stdout
    assert {line.split()[1] for line in shown.splitlines() if line.startswith("  make ")} == targets
    assert {"run", "test", "check", "fmt", "eval", "docs", "clean", "help"} <= targets


def test_make_says_the_cure_for_a_python_without_venv(tmp_path: Path) -> None:
    python = tmp_path / "python3"
    python.write_text(f'#!/bin/sh\ncase "$2" in *ensurepip*) exit 1;; *) exec {sys.executable} "$@";; esac\n')
    python.chmod(0o755)
    result = subprocess.run(
        ["make", "-f", PROJECT_DIR / "Makefile", f"PYTHON={python}", f"VENV={tmp_path / 'venv'}", "test"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 2
    assert "apt-get install -y python3-venv" in result.stderr
    assert not (tmp_path / "venv").exists()


def dry_run(*arguments: str) -> str:
    """The commands that make would run, one a line, without running any."""
    command = ["make", "-n", *arguments]
    return subprocess.run(command, cwd=PROJECT_DIR, capture_output=True, text=True, check=True).stdout


def test_make_run_prepares_then_indexes_then_serves() -> None:
    assert re.findall(r"yiju (prepare|index|serve)$", dry_run("run"), re.MULTILINE) == ["prepare", "index", "serve"]


def test_every_installation_is_held_to_the_pins(tmp_path: Path) -> None:
    installs = [line for line in dry_run("test", f"VENV={tmp_path / 'venv'}").splitlines() if " install " in line]
    packages = [line for line in installs if " pip " in line]
    assert packages
    assert [line for line in packages if "-c constraints.txt" not in line or " -U" in line] == []


def test_torch_comes_from_the_index_that_was_asked_for(tmp_path: Path) -> None:
    venv = f"VENV={tmp_path / 'venv'}"
    asked = dry_run("test", venv, "TORCH_INDEX_URL=https://torch.example/cpu")
    assert re.search(r"--no-deps .*--index-url https://torch\.example/cpu torch$", asked, re.MULTILINE)
    assert "--index-url" not in dry_run("test", venv)


def test_the_image_is_built_from_what_docker_is_given() -> None:
    dockerfile = (PROJECT_DIR / "Dockerfile").read_text(encoding="utf-8")
    ignore = (PROJECT_DIR / ".dockerignore").read_text(encoding="utf-8").splitlines()
    copied = {name for line in re.findall(r"^COPY (?!--)(.*)$", dockerfile, re.MULTILINE) for name in line.split()[:-1]}
    assert {"bot", "retrieval", "embeddings", "corpus", "pyproject.toml", "constraints.txt"} <= copied
    assert sorted(name for name in copied if f"!{name}" not in ignore) == []
    assert [name for name in copied if not (PROJECT_DIR / name).exists()] == []


@pytest.mark.parametrize("script", [".ci/run"])
def test_scripts_parse_and_are_executable(script: str) -> None:
    path = PROJECT_DIR / script
    assert path.stat().st_mode & 0o111
    subprocess.run(["bash", "-n", path], check=True)
