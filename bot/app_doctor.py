"""The composition root of `yiju doctor`: the checks that look at real settings, model, index and database."""
# ruff: noqa: PLC0415

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bot import app
from bot.access import Role
from bot.answering.llm_prompt import Prompt
from bot.doctor import Finding, Level, data_folder, free_disk, guarded, listening_port, package_origins, python_version
from bot.doctor_index import documents_finding, index_finding, snapshots_finding, vectors_finding
from bot.errors import LlmError, SettingsError
from bot.people import Member
from bot.settings import Settings, load_settings
from bot.state.store import StateStore


@dataclass(frozen=True, slots=True)
class _Model:
    """What a snapshot must have been built with; None where the model could not be looked at."""

    finding: Finding
    model_id: str | None = None
    dim: int | None = None


def examine(environ: Mapping[str, str]) -> list[Finding]:
    """Every finding, in the order in which they should be cured."""
    findings = [python_version(), guarded("安装", package_origins, cure="重新安装：make distclean run")]
    try:
        settings = load_settings(environ)
    except SettingsError as error:
        return [*findings, Finding("设置", Level.BROKEN, str(error), "改正后重试；设置一览见 docs/settings.md。")]
    model = _guarded_model(settings)
    return [
        *findings,
        Finding("设置", Level.OK, "有效", details=settings.shown()),
        data_folder(settings.data_dir),
        free_disk(settings.data_dir),
        model.finding,
        guarded("阅读器", lambda: _reader(settings), cure="重新准备：删除该模型的文件夹，再运行 yiju prepare"),
        guarded("数据库", lambda: _database(settings), cure="检查 YIJU_DATABASE_URL、磁盘空间与权限。"),
        guarded("术语文件", lambda: _terms(settings), cure="改正该文件，或去掉 YIJU_TERMS_FILE。"),
        guarded("语料", lambda: _sources(settings), cure="改正 YIJU_CORPUS_DIR。"),
        guarded("索引", lambda: _index(settings, model), cure="重建：yiju index --full"),
        guarded("快照", lambda: snapshots_finding(settings.index_dir), cure="检查数据文件夹的权限。"),
        guarded("向量", lambda: vectors_finding(settings.index_dir), cure="检查数据文件夹的权限。"),
        guarded("文档", lambda: _documents(settings), cure="检查 YIJU_DATABASE_URL、磁盘空间与权限。"),
        *_channels(settings),
    ]


def _guarded_model(settings: Settings) -> _Model:
    made: list[_Model] = []

    def look() -> Finding:
        made.append(_bundled(settings) if settings.embedding.model == "bundled" else _named_model(settings))
        return made[0].finding

    finding = guarded("模型", look, cure="重新准备：删除该模型的文件夹，再运行 yiju prepare")
    return made[0] if made else _Model(finding)


def _bundled(settings: Settings) -> _Model:
    from embeddings.bundled import NAME
    from embeddings.prepared import check_files, read_manifest

    folder = settings.models_dir / NAME
    if not folder.is_dir():
        return _Model(Finding("模型", Level.BROKEN, f"尚未准备（{folder} 不存在）", "运行：yiju prepare"))
    manifest = read_manifest(folder)
    check_files(folder, manifest, by_checksum=list(manifest.files))
    found = f"{manifest.model_id}，{manifest.dim} 维，{len(manifest.files)} 个文件的校验和一致（{folder}）"
    if manifest.onnx is None:
        slow = f"{found}；使用较慢的 torch：{manifest.onnx_refused}"
        return _Model(
            Finding("模型", Level.WARNING, slow, "升级 onnxruntime 后重新准备：删除该文件夹，运行 yiju prepare"),
            manifest.model_id,
            manifest.dim,
        )
    return _Model(Finding("模型", Level.OK, found), manifest.model_id, manifest.dim)


def _named_model(settings: Settings) -> _Model:
    embedder = app.prepare_model(settings, say=lambda _: None)
    return _Model(Finding("模型", Level.OK, f"{embedder.model_id}，{embedder.dim} 维"), embedder.model_id, embedder.dim)


def _reader(settings: Settings) -> Finding:
    """Which reader serves: the trained one, or the rules in its place."""
    if settings.reader.model == "rules":
        return Finding("阅读器", Level.OK, "规则（YIJU_READER__MODEL=rules）")
    from embeddings.errors import EmbeddingError
    from embeddings.preparing import ready_manifest_of
    from retrieval.trained_reader.calibration import ReaderCalibration
    from retrieval.trained_reader.preparing import NAME, ReaderManifest, reader_id

    rules = "；或设 YIJU_READER__MODEL=rules。在此之前由规则阅读，较少作答。"
    folder = settings.models_dir / NAME
    try:
        manifest = ready_manifest_of(ReaderManifest, folder, model_id=reader_id())
    except EmbeddingError as error:
        cure = f"重新安装 yiju，再运行：yiju prepare{rules}"
        return Finding("阅读器", Level.WARNING, f"训练的阅读器不可用：{error}", cure)
    if manifest is None:
        cure = f"运行：yiju prepare{rules}"
        return Finding("阅读器", Level.WARNING, f"训练的阅读器尚未准备，或文件已损坏（{folder}）", cure)
    if manifest.refused is not None:
        # One that was refused is not tried again while its folder is there.
        cure = f"删除 {folder}，再运行：yiju prepare{rules}"
        return Finding("阅读器", Level.WARNING, f"训练的阅读器不可用：{manifest.refused}", cure)
    table = ReaderCalibration.load()
    found = f"{manifest.model_id}，至多读 {table.passages_read} 段，概率 {table.threshold} 以上作答（{folder}）"
    return Finding("阅读器", Level.OK, found)


def _database(settings: Settings) -> Finding:
    from sqlalchemy import inspect, text

    from bot.state import store as state_store
    from bot.state.tables import VERSION_TABLE as STATE_VERSIONS
    from corpus import store as corpus_store
    from corpus.database import known_revisions, open_database, reading
    from corpus.models import VERSION_TABLE as CORPUS_VERSIONS

    engine = open_database(settings.database_url)
    shown = engine.url.render_as_string(hide_password=True)
    try:
        if engine.url.get_backend_name() == "sqlite" and not Path(engine.url.database or "").exists():
            return Finding("数据库", Level.WARNING, f"{shown} 尚未建立", "首次运行 yiju index 时会自动建立。")
        behind = []
        with reading(engine) as connection:
            for table, package in ((CORPUS_VERSIONS, corpus_store), (STATE_VERSIONS, state_store)):
                known = known_revisions(package.MIGRATIONS)
                there = inspect(connection).has_table(table)
                stored = connection.execute(text(f"SELECT version_num FROM {table}")).scalar() if there else None  # noqa: S608
                if stored is not None and stored not in known:
                    cure = "安装写入它的那个版本，或恢复升级前的备份。"
                    return Finding("数据库", Level.BROKEN, f"{shown} 由更新的 yiju 写入（{stored}）", cure)
                if stored != known[-1]:
                    behind.append(f"{table} 在 {stored or '（空）'}，应为 {known[-1]}")
    finally:
        engine.dispose()
    if behind:
        cure = "运行任一命令（如 yiju keys list）即自动升级；先备份。"
        return Finding("数据库", Level.WARNING, f"{shown}：{'；'.join(behind)}", cure)
    return Finding("数据库", Level.OK, f"{shown}，表结构为最新")


def _terms(settings: Settings) -> Finding:
    terms = app.read_terms(settings)
    origin = settings.terms_file or "自带"
    return Finding("术语文件", Level.OK, f"{origin}，{len(terms.synonyms)} 个词有同义词")


def _sources(settings: Settings) -> Finding:
    from corpus.intake import list_sources

    sources = list_sources(settings.corpus_dir, settings.uploads_dir)
    if not sources:
        return Finding("语料", Level.WARNING, f"{settings.corpus_dir} 中没有文件", "放入文件后运行 yiju index。")
    return Finding("语料", Level.OK, f"{settings.corpus_dir}，连同上传共 {len(sources)} 个文件")


def _index(settings: Settings, model: _Model) -> Finding:
    from corpus.chunking import CHUNKING
    from retrieval.manifest import Fit

    wanted = None
    if model.model_id is not None and model.dim is not None:
        wanted = Fit(model_id=model.model_id, dim=model.dim, chunking=CHUNKING)
    return index_finding(settings.index_dir, wanted)


def _documents(settings: Settings) -> Finding:
    from sqlalchemy import inspect, make_url

    from corpus.database import open_database, reading
    from corpus.models import document_states
    from corpus.store import DocumentStore

    url = make_url(settings.database_url)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").exists():
        return documents_finding(None, settings.index_dir)
    engine = open_database(settings.database_url)
    try:
        with reading(engine) as connection:
            if not inspect(connection).has_table(document_states.name):
                return documents_finding(None, settings.index_dir)
        return documents_finding(DocumentStore(engine), settings.index_dir)
    finally:
        engine.dispose()


def _channels(settings: Settings) -> list[Finding]:
    http = settings.http
    findings = [guarded("端口", lambda: listening_port(http.host, http.port), cure="改正 YIJU_HTTP__HOST。")]
    findings.append(guarded("密钥", lambda: _keys(settings), cure="检查数据库。"))
    findings.append(_language_model(settings))
    telegram = settings.telegram
    if telegram.token is None:
        findings.append(Finding("Telegram", Level.OK, "未启用（没有设置 YIJU_TELEGRAM__TOKEN）"))
    else:
        findings.append(guarded("Telegram", lambda: _telegram_people(settings), cure="检查数据库。"))
    return findings


def _language_model(settings: Settings) -> Finding:
    """Whether the endpoint writes anything; without it answers are the documents' own words, so nothing is broken."""
    writer = app.language_model(settings)
    if writer is None:
        return Finding("语言模型", Level.OK, "未启用（没有设置 YIJU_LLM__BASE_URL）")
    try:
        writer.complete(Prompt("只写一个字：好", "好"))
    except LlmError as error:
        cure = "检查 YIJU_LLM__BASE_URL、YIJU_LLM__MODEL 与 YIJU_LLM__API_KEY；在此之前照常给出原文摘录。"
        return Finding("语言模型", Level.WARNING, f"{writer.model} 没有给出回答（{error.kind}）", cure)
    return Finding("语言模型", Level.OK, f"{writer.model} 能回答")


def _telegram_people(settings: Settings) -> Finding:
    """Whether anybody may ask, and anybody can let others in."""
    from bot.state.people import PENDING

    token = "已设令牌（有效与否在启动时由 Telegram 判定）"  # noqa: S105 - words
    cure = "给机器人发 /start 得到配对码，再运行 yiju users approve 配对码 --admin；或设置 YIJU_TELEGRAM__ADMIN_IDS。"
    members = _members(settings)
    allowed = [each for each in members if each.role is not Role.STRANGER]
    if not allowed and settings.telegram.access == "allowlist":
        return Finding("Telegram", Level.WARNING, "已设令牌，但名单为空，没有人能提问", cure)
    if not any(each.role is Role.ADMIN for each in members):
        return Finding("Telegram", Level.WARNING, f"{token}，但没有管理员", cure)
    waiting = sum(each.state == PENDING for each in members)
    more = f"，{waiting} 个申请等待批准" if waiting else ""
    return Finding("Telegram", Level.OK, f"{token}；可以提问的用户与群 {len(allowed)} 个{more}")


def _members(settings: Settings) -> list[Member]:
    """Who may use Telegram; a database that is not there, or of an earlier version, is left as it is."""
    from sqlalchemy import inspect, make_url

    from bot.state.tables import people
    from corpus.database import open_database, reading

    telegram, url = settings.telegram, make_url(settings.database_url)
    named = sorted(telegram.admin_ids | telegram.allowed_ids)
    by_settings = [Member(each, app.access_of(settings).own_role(each), by_settings=True) for each in named]
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").exists():
        return by_settings
    engine = open_database(settings.database_url)
    try:
        with reading(engine) as connection:
            if not inspect(connection).has_table(people.name):
                return by_settings
        return app.people_of(settings, StateStore(engine)).everyone()
    finally:
        engine.dispose()


def _keys(settings: Settings) -> Finding:
    from bot.app_doors import is_locked
    from bot.channels.http_access import is_loopback_host

    if is_loopback_host(settings.http.host):
        return Finding("密钥", Level.OK, f"只监听本机（{settings.http.host}），不强制使用密钥")
    with app.open_stores(settings) as stores:
        if is_locked(settings, stores.state):
            return Finding("密钥", Level.OK, "已有密钥或账号")
    cure = (
        "运行：yiju keys create NAME --scope ask,documents,admin，或 yiju accounts create NAME --role admin；"
        "或只监听本机：YIJU_HTTP__HOST=127.0.0.1"
    )
    return Finding("密钥", Level.BROKEN, f"监听 {settings.http.host} 而没有任何密钥与账号，服务会拒绝启动", cure)
