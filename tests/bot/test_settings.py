"""Where settings come from, which wins, and which are refused with what words."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from bot.errors import SettingsError
from bot.settings import Settings, load_settings, secret_names, setting_names
from bot.settings_sources import variable

TOKEN = "123456789:AAE-abc_defghijklmnopqrstuvwxyz0123"


@pytest.fixture(autouse=True)
def in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def refused(environ: dict[str, str], config: Path | None = None) -> str:
    with pytest.raises(SettingsError) as caught:
        load_settings(environ, config)
    return str(caught.value)


def test_defaults_are_those_of_the_contract(tmp_path: Path) -> None:
    settings = load_settings({})
    assert settings.data_dir == tmp_path / "data"
    assert settings.models_dir == tmp_path / "data" / "models"
    assert settings.index_dir == tmp_path / "data" / "index"
    assert settings.uploads_dir == tmp_path / "data" / "uploads"
    assert settings.vector_cache_path.parent == tmp_path / "data"
    assert settings.database_url == f"sqlite:///{tmp_path}/data/yiju.db"
    assert settings.terms_file is None
    assert (settings.embedding.model, settings.embedding.backend) == ("bundled", "auto")
    assert settings.index.backend == "faiss"
    assert (settings.http.host, settings.http.port, settings.http.public_url) == ("127.0.0.1", 8000, None)
    assert settings.telegram.token is None
    assert settings.telegram.access == "allowlist"
    assert settings.telegram.admin_ids == settings.telegram.allowed_ids == frozenset()
    assert settings.llm.base_url is None
    assert settings.conversation_hours == 24
    assert settings.secret_values() == ()


def test_models_follow_the_data_folder_unless_set(tmp_path: Path) -> None:
    assert load_settings({"YIJU_DATA_DIR": "elsewhere"}).models_dir == tmp_path / "elsewhere" / "models"
    assert load_settings({"YIJU_DATA_DIR": "/a", "YIJU_MODELS_DIR": "/b"}).models_dir == Path("/b")


def test_paths_do_not_move_with_the_working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load_settings({"YIJU_DATA_DIR": "数据 夹", "YIJU_CORPUS_DIR": "文件"})
    (tmp_path / "x").mkdir()
    monkeypatch.chdir(tmp_path / "x")
    assert settings.uploads_dir == tmp_path / "数据 夹" / "uploads"
    assert settings.corpus_dir == tmp_path / "文件"


def test_the_default_database_lies_in_any_data_folder() -> None:
    from sqlalchemy import make_url

    for name in ("a b", "50%", "a?b#c", "数据"):
        assert make_url(load_settings({"YIJU_DATA_DIR": f"/{name}"}).database_url).database == f"/{name}/yiju.db"


def test_values_of_every_kind_are_read() -> None:
    settings = load_settings(
        {
            "YIJU_HTTP__PORT": " 9000 ",
            "YIJU_HTTP__PUBLIC_URL": "https://ask.example.org/",
            "YIJU_TELEGRAM__TOKEN": TOKEN,
            "YIJU_TELEGRAM__ADMIN_IDS": "1, 22,，333",
            "YIJU_TELEGRAM__ALLOWED_IDS": "-100123 456",
            "YIJU_TELEGRAM__BASE_URL": "http://127.0.0.1:8081/bot/",
            "YIJU_LOG_LEVEL": "DEBUG",
            "PATH": "/bin",
        }
    )
    assert settings.http.port == 9000
    assert settings.http.public_url == "https://ask.example.org"
    assert settings.telegram.token is not None
    assert settings.telegram.token.get_secret_value() == TOKEN
    assert settings.telegram.admin_ids == {1, 22, 333}
    assert settings.telegram.allowed_ids == {-100123, 456}
    assert settings.telegram.base_url == "http://127.0.0.1:8081/bot"
    assert settings.log_level == "debug"


def test_the_environment_wins_over_the_file_setting_by_setting(tmp_path: Path) -> None:
    (tmp_path / "yiju.yaml").write_text(
        "data_dir: /srv/yiju\nhttp:\n  host: 0.0.0.0\n  port: 9000\ntelegram:\n  admin_ids: [1, 2]\n  allowed_ids: -7\n"
    )
    settings = load_settings({"YIJU_HTTP__PORT": "9001", "YIJU_DATA_DIR": ""})
    assert (settings.http.host, settings.http.port) == ("0.0.0.0", 9001)
    assert settings.data_dir == Path("/srv/yiju")
    assert settings.telegram.admin_ids == {1, 2}
    assert settings.telegram.allowed_ids == {-7}


def test_the_file_can_be_named(tmp_path: Path) -> None:
    for name in ("a.yaml", "b.yaml"):
        (tmp_path / name).write_text(f"embedding:\n  model: {name}\n")
    assert load_settings({"YIJU_CONFIG": "a.yaml"}).embedding.model == "a.yaml"
    assert load_settings({"YIJU_CONFIG": "a.yaml"}, Path("b.yaml")).embedding.model == "b.yaml"
    (tmp_path / "empty.yaml").write_text("# nothing\n")
    assert load_settings({"YIJU_CONFIG": "empty.yaml"}) == load_settings({})


def test_secrets_come_from_files_too(tmp_path: Path) -> None:
    (tmp_path / "token").write_text(f"{TOKEN}\n")
    (tmp_path / "yiju.yaml").write_text("telegram:\n  token: '1:old'\ndatabase_url_file: url\n")
    (tmp_path / "url").write_text("postgresql://u:p%40ssword@h/db")
    settings = load_settings({"YIJU_TELEGRAM__TOKEN_FILE": "token"})
    assert settings.telegram.token is not None
    assert settings.telegram.token.get_secret_value() == TOKEN
    assert settings.database_url == "postgresql://u:p%40ssword@h/db"
    assert set(settings.secret_values()) == {TOKEN, "p%40ssword", "p@ssword"}


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        load_settings({}).http.port = 1


def test_secrets_are_not_shown() -> None:
    settings = load_settings(
        {"YIJU_TELEGRAM__TOKEN": TOKEN, "YIJU_DATABASE_URL": "postgresql://u:hunter2@h/db", "YIJU_HTTP__PORT": "81"}
    )
    shown = settings.shown()
    assert list(shown) == [variable(name) for name in setting_names()]
    assert shown["YIJU_TELEGRAM__TOKEN"] == shown["YIJU_DATABASE_URL"] == "(set, not shown)"
    assert shown["YIJU_HTTP__PORT"] == "81"
    for text in (repr(settings), str(settings), str(shown), settings.model_dump_json()):
        assert TOKEN not in text
        assert "hunter2" not in text


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("YIJU_TELEGRAM_TOKEN", "YIJU_TELEGRAM__TOKEN"),
        ("YIJU_PORT", "YIJU_HTTP__PORT"),
        ("YIJU_CORPUS", "YIJU_CORPUS_DIR"),
        ("yiju_data_dir", "YIJU_DATA_DIR"),
        ("YIJU_LLM__APIKEY", "YIJU_LLM__API_KEY"),
        ("YIJU_HTTP__PORT_FILE", "YIJU_HTTP__PORT"),
    ],
)
def test_an_unknown_name_is_refused_with_the_nearest(name: str, nearest: str) -> None:
    message = refused({name: "x"})
    assert message.startswith(f"{name} is not a setting of yiju")
    assert f"did you mean {nearest}?" in message


def test_a_name_near_none_is_refused_too() -> None:
    assert "YIJU_QQQ is not a setting of yiju; remove it" in refused({"YIJU_QQQ": "x"})


@pytest.mark.parametrize(
    "name", ["YIJU_REQUIRE_SHARED", "YIJU_SHARED_DIR", "YIJU_TEST_X", "YIJU_SERVICE_HOST", "YIJU_PORT_8000_TCP_ADDR"]
)
def test_names_that_are_no_settings_are_let_be(name: str) -> None:
    assert load_settings({name: "x"}) == load_settings({"YIJU_PORT": "tcp://10.0.0.1:8000"}) == load_settings({})


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({"YIJU_HTTP__PORT": "70000"}, ["YIJU_HTTP__PORT is '70000'", "65535", "(default 8000)"]),
        ({"YIJU_HTTP__PORT": "0"}, ["YIJU_HTTP__PORT is '0'"]),
        ({"YIJU_HTTP__PORT": "http"}, ["YIJU_HTTP__PORT is 'http'", "integer"]),
        ({"YIJU_HTTP__PUBLIC_URL": "ask.example.org"}, ["YIJU_HTTP__PUBLIC_URL", "https://ask.example.org"]),
        ({"YIJU_HTTP__PUBLIC_URL": "http://x:99999"}, ["YIJU_HTTP__PUBLIC_URL"]),
        ({"YIJU_EMBEDDING__BACKEND": "gpu"}, ["'auto', 'onnx-int8', 'onnx' or 'torch'"]),
        ({"YIJU_INDEX__BACKEND": "milvus"}, ["YIJU_INDEX__BACKEND is 'milvus'", "'faiss'"]),
        ({"YIJU_TELEGRAM__ACCESS": "all"}, ["'allowlist' or 'open'"]),
        ({"YIJU_TELEGRAM__ADMIN_IDS": "@me"}, ["YIJU_TELEGRAM__ADMIN_IDS is '@me'", "/start"]),
        ({"YIJU_TELEGRAM__ADMIN_IDS": "-5"}, ["YIJU_TELEGRAM__ALLOWED_IDS"]),
        ({"YIJU_TELEGRAM__BASE_URL": "http://127.0.0.1:8081"}, ["must end in /bot"]),
        ({"YIJU_TELEGRAM__PROXY_URL": "proxy:3128"}, ["YIJU_TELEGRAM__PROXY_URL", "http://user:password@proxy:3128"]),
        ({"YIJU_LOG_LEVEL": "loud"}, ["YIJU_LOG_LEVEL is 'loud'"]),
        ({"YIJU_CONVERSATION_HOURS": "0"}, ["YIJU_CONVERSATION_HOURS is '0'"]),
        ({"YIJU_TERMS_FILE": "missing.yaml"}, ["YIJU_TERMS_FILE", "is no file"]),
        ({"YIJU_LLM__MODEL": "qwen"}, ["YIJU_LLM__MODEL is set without YIJU_LLM__BASE_URL"]),
        ({"YIJU_LLM__API_KEY": "sk-x"}, ["YIJU_LLM__API_KEY is set without YIJU_LLM__BASE_URL"]),
        (
            {"YIJU_LLM__BASE_URL": "http://h/v1", "YIJU_LLM__MODEL": "q", "YIJU_LLM__TIMEOUT_SECONDS": "30"},
            ["YIJU_LLM__TIMEOUT_SECONDS is 30 and YIJU_SERVING__TIMEOUT_SECONDS 30"],
        ),
        ({"YIJU_LLM__CLEARANCE": "内部,a b/c"}, ["YIJU_LLM__CLEARANCE", "is no label"]),
        ({"YIJU_LLM__BASE_URL": "http://h/v1"}, ["YIJU_LLM__BASE_URL is set without YIJU_LLM__MODEL"]),
        ({"YIJU_TELEGRAM__WEBHOOK_SECRET": "s3cret"}, ["YIJU_TELEGRAM__WEBHOOK_SECRET is set without"]),
    ],
)
def test_values_that_cannot_be_are_refused_with_name_and_cure(environ: dict[str, str], said: list[str]) -> None:
    message = refused(environ)
    assert [part for part in said if part not in message] == []


def test_a_webhook_needs_its_secret_and_https() -> None:
    webhook = {"YIJU_TELEGRAM__TOKEN": TOKEN, "YIJU_TELEGRAM__WEBHOOK_URL": "https://a.example.org/telegram/webhook"}
    assert "YIJU_TELEGRAM__WEBHOOK_URL is set without YIJU_TELEGRAM__WEBHOOK_SECRET" in refused(webhook)
    webhook["YIJU_TELEGRAM__WEBHOOK_SECRET"] = "a_b-C9"
    assert load_settings(webhook).telegram.webhook_url == "https://a.example.org/telegram/webhook"
    assert "https://" in refused(webhook | {"YIJU_TELEGRAM__WEBHOOK_URL": "http://a.example.org"})
    assert "443, 80, 88, 8443" in refused(webhook | {"YIJU_TELEGRAM__WEBHOOK_URL": "https://a.example.org:8000/x"})
    own = {"YIJU_TELEGRAM__WEBHOOK_URL": "http://10.0.0.7:8000", "YIJU_TELEGRAM__BASE_URL": "http://10.0.0.8:8081/bot"}
    assert load_settings(webhook | own).telegram.webhook_url == "http://10.0.0.7:8000"
    assert "1 to 256" in refused(webhook | {"YIJU_TELEGRAM__WEBHOOK_SECRET": "no spaces"})


def test_everything_wrong_is_told_at_once() -> None:
    message = refused({"YIJU_HTTP__PORT": "x", "YIJU_INDEX__BACKEND": "y", "YIJU_LLM__MODEL": "z"})
    assert len(message.splitlines()) == 3


def test_a_wrong_secret_is_not_told() -> None:
    message = refused({"YIJU_TELEGRAM__TOKEN": "hunter2", "YIJU_TELEGRAM__WEBHOOK_SECRET": "hunter 2"})
    assert "YIJU_TELEGRAM__TOKEN: that is not a bot token" in message
    assert "hunter" not in message


@pytest.mark.parametrize("name", [variable(name) for name in secret_names()])
def test_a_secret_given_twice_is_refused(name: str, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("x")
    assert f"{name} and {name}_FILE are both set" in refused({name: "x", f"{name}_FILE": "secret"})


def test_secret_files_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    (tmp_path / "empty").write_text("\n")
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    for content, said in (("missing", "No such file"), (".", "directory"), ("empty", "is empty"), ("binary", "UTF-8")):
        message = refused({"YIJU_TELEGRAM__TOKEN_FILE": content})
        assert f"YIJU_TELEGRAM__TOKEN_FILE names '{content}'" in message
        assert said in message


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("http:\n  prot: 1\n", "'http.prot' in yiju.yaml is not a setting of yiju; did you mean YIJU_HTTP__PORT?"),
        ("http: 8000\n", "'http' in yiju.yaml is not a setting"),
        ("http:\n  port: 70000\n", "'http.port' in yiju.yaml is '70000'"),
        ("http:\n  port: yes\n", "'http.port' in yiju.yaml is True: no setting is yes or no"),
        ("- a\n", "holds no settings"),
        ("http: {port: 1, port: 2}\n", "'port' is given twice"),
        ("telegram:\n  token: 'hunter2\n", "is not valid YAML: line"),
        ("telegram:\n  token: a\n  token_file: b\n", "'telegram.token' in yiju.yaml and 'telegram.token_file'"),
        ("data_dir: [a, b]\n", "'data_dir' in yiju.yaml is"),
    ],
)
def test_a_file_with_mistakes_is_refused_with_their_place(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "yiju.yaml").write_text(text)
    message = refused({})
    assert said in message
    assert "hunter2" not in message


def test_a_named_file_that_is_missing_is_refused() -> None:
    assert "settings file 'no.yaml' cannot be read" in refused({"YIJU_CONFIG": "no.yaml"})


def test_a_data_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    assert "YIJU_DATA_DIR is" in refused({})


NAMES = st.text(st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ_0"), max_size=20).map("YIJU_".__add__)
VALUES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)


@given(st.dictionaries(NAMES | st.sampled_from([variable(name) for name in setting_names()]), VALUES, max_size=5))
def test_any_environment_gives_settings_or_an_error_for_people(environ: dict[str, str]) -> None:
    try:
        settings = load_settings(environ)
    except SettingsError as error:
        assert "YIJU_" in str(error)
    else:
        assert isinstance(settings, Settings)


def test_every_setting_has_a_row_in_the_docs_with_its_default(project_dir: Path) -> None:
    page = (project_dir / "docs" / "settings.md").read_text(encoding="utf-8")
    rows = {
        row[1].strip().strip("🔑").strip(" `"): row[2].strip().strip("`")
        for row in (line.split("|") for line in page.splitlines() if line.startswith("| `YIJU_"))
    }
    assert list(rows) != []
    assert set(rows) == {variable(name) for name in setting_names()}
    marked = {line.split("`")[1] for line in page.splitlines() if line.startswith("| `YIJU_") and "🔑" in line}
    assert marked == {variable(name) for name in secret_names()}
    for name, shown in load_settings({}).shown().items():
        if not shown.startswith("(") and name not in {"YIJU_DATA_DIR", "YIJU_MODELS_DIR"}:
            assert rows[name] == shown, name
