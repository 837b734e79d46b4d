"""What `yiju doctor` looks at, one function a check; each finding carries its cure.

Checks read and never mend. Those that need real parts (model, index, database) are in ``app_doctor``.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import os
import shutil
import socket
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

PACKAGES = ("bot", "retrieval", "embeddings", "corpus")
OLDEST_PYTHON = (3, 11)
# Room for one more snapshot beside the serving one, and for a model while it is converted.
LOW_DISK_BYTES = 2 * 1024**3
VERY_LOW_DISK_BYTES = 200 * 1024**2


class Level(StrEnum):
    """How bad a finding is."""

    OK = "ok"
    WARNING = "warning"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check saw, and what to do about it."""

    check: str
    level: Level
    found: str
    cure: str | None = None
    details: Mapping[str, str] = field(default_factory=dict)


def guarded(check: str, look: Callable[[], Finding], *, cure: str) -> Finding:
    """The finding of ``look``; what it raises becomes a broken finding, so that one check never hides the others."""
    try:
        return look()
    except Exception as error:  # noqa: BLE001 - whatever it is: a check that cannot be made is a finding
        return Finding(check, Level.BROKEN, str(error) or type(error).__name__, cure)


def python_version(version: tuple[int, int] = (sys.version_info.major, sys.version_info.minor)) -> Finding:
    """Whether this Python is new enough."""
    found = f"Python {version[0]}.{version[1]}（{sys.executable}）"
    if version >= OLDEST_PYTHON:
        return Finding("Python", Level.OK, found)
    wanted = ".".join(map(str, OLDEST_PYTHON))
    return Finding("Python", Level.BROKEN, found, f"安装 Python {wanted} 或更新版本，重建虚拟环境：make distclean run")


def package_origins(origin_of: Callable[[str], Path | None] | None = None) -> Finding:
    """Whether the four packages are this program's: others of the names embeddings, corpus and retrieval exist."""
    find = origin_of or _origin
    ours = find("bot")
    origins = {name: find(name) for name in PACKAGES}
    strange = [
        name for name, origin in origins.items() if origin is None or ours is None or origin.parent != ours.parent
    ]
    details = {name: str(origin or "（未找到）") for name, origin in origins.items()}
    if strange:
        cure = f"卸载同名的其他包（pip uninstall {' '.join(strange)}），或在独立的虚拟环境中安装：make run"
        return Finding("安装", Level.BROKEN, f"{'、'.join(strange)} 不是 yiju 的包", cure, details)
    rivals = sorted(
        {
            distribution
            for name in PACKAGES
            for distribution in importlib.metadata.packages_distributions().get(name, [])
            if distribution != "yiju"
        }
    )
    if rivals:
        cure = f"卸载：pip uninstall {' '.join(rivals)}，再重新安装 yiju"
        return Finding("安装", Level.WARNING, f"另有发行包提供同名模块：{'、'.join(rivals)}", cure, details)
    return Finding("安装", Level.OK, f"yiju {_version()}（{ours.parent if ours else ''}）")


def _origin(name: str) -> Path | None:
    try:
        file = importlib.import_module(name).__file__
    except ImportError:
        return None
    return None if file is None else Path(file).parent.resolve()


def _version() -> str:
    try:
        return importlib.metadata.version("yiju")
    except importlib.metadata.PackageNotFoundError:
        return "（未安装为发行包）"


def data_folder(folder: Path) -> Finding:
    """Whether the data folder can be written to."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".doctor-"):
            pass
    except OSError as error:
        cure = f"让当前用户（uid {os.getuid()}）可写该文件夹，或用 YIJU_DATA_DIR 另选一个。"
        return Finding("数据文件夹", Level.BROKEN, f"{folder} 不可写：{error.strerror or error}", cure)
    return Finding("数据文件夹", Level.OK, f"{folder} 可写")


def free_disk(folder: Path, free_bytes: int | None = None) -> Finding:
    """Whether there is room for another snapshot."""
    place = next(each for each in (folder, *folder.parents) if each.exists())
    free = shutil.disk_usage(place).free if free_bytes is None else free_bytes
    found = f"{place} 所在磁盘剩余 {free / 1024**3:.1f} GiB"
    cure = "清理磁盘，或用 YIJU_DATA_DIR 换到更大的磁盘。"
    if free < VERY_LOW_DISK_BYTES:
        return Finding("磁盘空间", Level.BROKEN, found, cure)
    if free < LOW_DISK_BYTES:
        return Finding("磁盘空间", Level.WARNING, found, cure)
    return Finding("磁盘空间", Level.OK, found)


def listening_port(host: str, port: int) -> Finding:
    """Whether the port is free, or yiju itself has it."""
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except OSError as error:
        return Finding("端口", Level.BROKEN, f"地址 {host} 无法解析：{error}", "改正 YIJU_HTTP__HOST。")
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError as error:
            cure = "若是 yiju serve 正在运行，则无需处理；否则换端口：YIJU_HTTP__PORT=8001。"
            return Finding("端口", Level.WARNING, f"{host}:{port} 不可用：{error.strerror or error}", cure)
    return Finding("端口", Level.OK, f"{host}:{port} 空闲")
