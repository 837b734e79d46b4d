"""The shape of the tree: what imports what, how long files are, and that importing does nothing.

The direction of imports between packages is checked by import-linter (`make lint`).
"""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

PROJECT_DIR = Path(__file__).resolve().parent.parent
PACKAGES = ("bot", "retrieval", "embeddings", "corpus")
MAX_LINES = 400
# Libraries that are slow to load or hard to replace: one or two modules name each of them.
CONTAINED = (
    "faiss",
    "onnx",
    "onnxruntime",
    "opencc",
    "prometheus_client",
    "pypinyin",
    "sentence_transformers",
    "tantivy",
    "torch",
    "transformers",
)
# Frameworks: one channel's modules name them, no other's.
_WEB = ("bot/channels/http_", "bot/channels/openai_", "bot/channels/web/", "bot/channels/console/")
CHANNEL_OF = {"fastapi": _WEB, "starlette": _WEB, "jinja2": _WEB, "telegram": ("bot/channels/telegram/",)}
# Loaded only where they are used, so that the command line starts quickly.
LAZY = (*CONTAINED, *CHANNEL_OF, "alembic", "numpy", "sqlalchemy", "tokenizers", "uvicorn")


def python_files(*folders: str) -> list[Path]:
    return [path for folder in folders for path in sorted((PROJECT_DIR / folder).rglob("*.py"))]


def imported_names(path: Path) -> Iterator[str]:
    """Every module that a file imports, also by name through importlib.import_module."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module"):
            yield from (arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str))


def modules() -> list[str]:
    """Dotted names of all modules, but for migration scripts, which only Alembic can load."""
    names = []
    for path in python_files(*PACKAGES):
        relative = path.relative_to(PROJECT_DIR).with_suffix("")
        if "migrations" not in relative.parts:
            names.append(".".join(relative.parts).removesuffix(".__init__"))
    return names


def run_python(code: str, folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(PROJECT_DIR), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [sys.executable, "-c", code], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("folder", [*PACKAGES, "evals", "tests"])
def test_no_file_is_longer_than_the_limit(folder: str) -> None:
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in python_files(folder)}
    assert {str(path): length for path, length in lengths.items() if length > MAX_LINES} == {}


def importers() -> dict[str, set[str]]:
    """Each imported top-level package with the files that name it."""
    files: dict[str, set[str]] = defaultdict(set)
    for path in python_files(*PACKAGES):
        for name in imported_names(path):
            files[name.partition(".")[0]].add(path.relative_to(PROJECT_DIR).as_posix())
    return files


def test_each_contained_library_is_imported_in_at_most_two_modules() -> None:
    assert {library: files for library, files in importers().items() if library in CONTAINED and len(files) > 2} == {}


def test_a_framework_is_imported_by_its_channel_alone() -> None:
    strangers = {
        library: [file for file in importers()[library] if not file.startswith(prefixes)]
        for library, prefixes in CHANNEL_OF.items()
    }
    assert strangers == {library: [] for library in CHANNEL_OF}


def test_nothing_below_bot_reads_the_environment() -> None:
    readers = [
        str(path.relative_to(PROJECT_DIR))
        for path in python_files("retrieval", "embeddings", "corpus")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if (isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv"})
        or (isinstance(node, ast.ImportFrom) and node.module == "os" and {"environ", "getenv"} & _names_of(node))
    ]
    assert readers == []


def test_tests_have_no_mock_library() -> None:
    mocking = [path for path in python_files("tests") if {"unittest.mock", "mock"} & set(imported_names(path))]
    assert mocking == []


def test_every_module_says_its_job() -> None:
    silent = [
        str(path.relative_to(PROJECT_DIR))
        for path in python_files(*PACKAGES, "evals")
        if "versions" not in path.parts and not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert silent == []


def test_importing_every_module_does_nothing(tmp_path: Path) -> None:
    code = f"""
import importlib, logging, threading
for name in {modules()!r}:
    importlib.import_module(name)
assert logging.getLogger().handlers == [], "logging was set up"
assert threading.active_count() == 1, "a thread was started"
"""
    result = run_python(code, tmp_path)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("package", [*PACKAGES, "bot.cli"])
def test_a_package_loads_none_of_the_slow_libraries(package: str, tmp_path: Path) -> None:
    code = f"import {package}, sys; print(*sorted(set({LAZY!r}) & set(sys.modules)))"
    result = run_python(code, tmp_path)
    assert (result.returncode, result.stdout.strip(), result.stderr) == (0, "", "")


def _names_of(node: ast.ImportFrom) -> set[str]:
    return {alias.name for alias in node.names}
