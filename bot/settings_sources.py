"""Collects what was set, from the environment over the YAML file, under the name of each setting.

A setting's name is its path in ``Settings``, such as ``("http", "port")``: YIJU_HTTP__PORT in the environment, ``port``
under ``http`` in YAML. Values are not looked at here beyond secrets in files; ``bot.settings`` checks them.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Hashable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bot.errors import SettingsError

PREFIX = "YIJU_"
CONFIG_VARIABLE = "YIJU_CONFIG"
DEFAULT_CONFIG = Path("yiju.yaml")
Name = tuple[str, ...]

# Names that are not settings of the program: where its YAML lies, and what tests and their runs are told.
_TOLERATED = re.compile(r"YIJU_(CONFIG|REQUIRE_SHARED|SHARED_DIR|TEST_\w+)$")
# Kubernetes sets these in every container beside a service called yiju.
_KUBERNETES = re.compile(r"YIJU_(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT_\d+_(TCP|UDP)(_\w+)?)$")
_KUBERNETES_PORT = re.compile(r"(tcp|udp)://")


@dataclass(frozen=True, slots=True)
class SetValue:
    """What was set, and where, in the words of the person who set it."""

    value: Any
    origin: str


def variable(name: Name) -> str:
    """The environment variable of a setting."""
    return PREFIX + "__".join(name).upper()


def collect(
    environ: Mapping[str, str], config: Path | None, names: Collection[Name], secrets: Collection[Name]
) -> dict[Name, SetValue]:
    """Every setting that was set. ``secrets`` may also be set as ``..._FILE``.

    Raises: SettingsError: an unknown name, a secret given twice, or a file that cannot be read.
    """
    path = config or (Path(environ[CONFIG_VARIABLE]) if environ.get(CONFIG_VARIABLE) else None)
    known = {variable(name): name for name in names} | {
        variable(name) + "_FILE": (*name[:-1], name[-1] + "_file") for name in secrets
    }
    found = _with_secrets(dict(_from_yaml(path, known)), secrets)
    # The environment wins, also with a secret's file over the secret itself.
    return found | _with_secrets(dict(_from_environ(environ, known)), secrets)


def _from_environ(environ: Mapping[str, str], known: Mapping[str, Name]) -> Iterator[tuple[Name, SetValue]]:
    for key in sorted(environ):
        if not key.upper().startswith(PREFIX) or _TOLERATED.match(key) or _KUBERNETES.match(key):
            continue
        if key == "YIJU_PORT" and _KUBERNETES_PORT.match(environ[key]):
            continue
        if key not in known:
            raise SettingsError(_unknown(key, key.upper(), known))
        # An empty variable is how compose files and shells leave one unset.
        if environ[key].strip():
            yield known[key], SetValue(environ[key].strip(), key)


def _from_yaml(path: Path | None, known: Mapping[str, Name]) -> Iterator[tuple[Name, SetValue]]:
    if path is None and not DEFAULT_CONFIG.exists():
        return
    path = path or DEFAULT_CONFIG
    for name, value in _flatten(_read_yaml(path)):
        key = f"'{'.'.join(name)}' in {path}"
        if variable(name) not in known:
            raise SettingsError(_unknown(key, variable(name), known))
        if isinstance(value, bool):
            raise SettingsError(f"{key} is {value}: no setting is yes or no; put the value in quotes if it is a word")
        if value is not None and value != "":
            yield name, SetValue(value, key)


def _flatten(tree: Mapping[Hashable, Any], above: Name = ()) -> Iterator[tuple[Name, Any]]:
    for key, value in tree.items():
        name = (*above, str(key))
        if isinstance(value, dict):
            yield from _flatten(value, name)
        else:
            yield name, value


class _Loader(yaml.SafeLoader):
    """SafeLoader that refuses a key given twice, where the plain one takes the last in silence."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for key in keys:
            if keys.count(key) > 1:
                raise yaml.constructor.ConstructorError(None, None, f"'{key}' is given twice", node.start_mark)
        return super().construct_mapping(node, deep)


def _read_yaml(path: Path) -> Mapping[Hashable, Any]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"settings file '{path}' cannot be read ({_reason(error)}); correct the path in {CONFIG_VARIABLE} or its "
            "permissions"
        ) from error
    try:
        tree = yaml.load(text, _Loader)  # noqa: S506 - a SafeLoader
    except yaml.YAMLError as error:
        raise SettingsError(f"settings file '{path}' is not valid YAML: {_yaml_reason(error)}; correct it") from error
    if tree is None:
        return {}
    if not isinstance(tree, dict):
        raise SettingsError(f"settings file '{path}' holds no settings; write lines such as: data_dir: /var/lib/yiju")
    return tree


def _yaml_reason(error: yaml.YAMLError) -> str:
    # Not str(error): it quotes the line, which may hold a secret.
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or "unreadable"
    return f"line {mark.line + 1}, {problem}" if mark else str(problem)


def _with_secrets(found: dict[Name, SetValue], secrets: Collection[Name]) -> dict[Name, SetValue]:
    """``found`` with every ``..._FILE`` replaced by what the file holds."""
    for name in secrets:
        file = found.pop((*name[:-1], name[-1] + "_file"), None)
        if file is None:
            continue
        if name in found:
            raise SettingsError(f"{found[name].origin} and {file.origin} are both set; keep one of them")
        found[name] = SetValue(_read_secret(file), file.origin)
    return found


def _read_secret(file: SetValue) -> str:
    path = Path(str(file.value))
    try:
        secret = path.read_text(encoding="utf-8-sig").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"{file.origin} names '{path}', which cannot be read ({_reason(error)}); "
            "correct the path or its permissions"
        ) from error
    if not secret:
        raise SettingsError(f"{file.origin} names '{path}', which is empty; write the secret into it")
    return secret


def _reason(error: OSError | UnicodeDecodeError) -> str:
    return error.strerror or type(error).__name__ if isinstance(error, OSError) else "it is not UTF-8 text"


def _unknown(shown: str, wanted: str, known: Mapping[str, Name]) -> str:
    nearest = difflib.get_close_matches(wanted, known, n=1, cutoff=0.6)
    cure = f"did you mean {nearest[0]}?" if nearest else "remove it"
    return f"{shown} is not a setting of yiju; {cure} All settings are in docs/settings.md"
