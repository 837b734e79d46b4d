"""The one table that turns errors into words for people: title, cure, HTTP status and code for each class of error.

What happened is in the message of the error itself. The command line, HTTP and Telegram all read this table.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot import errors as bot_errors
from bot.admin import PreviewOutdatedError
from bot.channels.telegram.errors import TelegramChannelError
from bot.conversations import UnknownConversationError
from bot.document_editing import DocumentEditError, EditConflictError
from bot.document_view import UploadMissingError
from bot.evaluation.errors import EvaluationError
from bot.gap_board import GapRequestError, UnknownGapError
from bot.indexing_jobs import JobEndedError, UnknownJobError
from bot.staging import UploadGoneError
from bot.uploads import UploadError, UploadNameError, UploadTooLargeError, UploadTypeError
from corpus import errors as corpus_errors
from embeddings import errors as embedding_errors
from retrieval import errors as retrieval_errors


@dataclass(frozen=True, slots=True)
class Failure:
    """How a class of errors is told. ``cure`` is a sentence, None where the error's own message says it.

    ``shown`` is False where the message may hold internals (paths, SQL): HTTP then shows the title alone.
    """

    status: int
    code: str
    title: str
    cure: str | None = None
    shown: bool = True


INTERNAL = Failure(
    500, "internal", "程序内部出错", "请查看日志中同一 request_id 的记录；若能重现，请报告该问题。", shown=False
)

FAILURES: dict[type[BaseException], Failure] = {
    bot_errors.SettingsError: Failure(
        500, "settings", "设置有误", "改正该设置后重试；yiju doctor 会列出生效的设置。", shown=False
    ),
    bot_errors.InvalidQuestionError: Failure(422, "invalid_question", "问题无效"),
    bot_errors.InvalidConversationError: Failure(422, "invalid_conversation", "会话编号无效"),
    UnknownConversationError: Failure(404, "conversation_not_found", "没有这个对话"),
    bot_errors.InvalidFeedbackError: Failure(422, "invalid_feedback", "评价无效"),
    bot_errors.TooManyKeptError: Failure(409, "too_many_kept", "等待答案的问题太多"),
    bot_errors.KeyRequestError: Failure(422, "key_request", "密钥操作无法完成"),
    bot_errors.UnknownAccountError: Failure(404, "account_not_found", "没有这个账号、会话或链接"),
    bot_errors.SignInError: Failure(401, "sign_in", "登录没有成功"),
    bot_errors.SignInThrottledError: Failure(429, "sign_in_throttled", "登录尝试太多"),
    bot_errors.AccountError: Failure(422, "account", "账号操作无法完成"),
    bot_errors.UnknownPersonError: Failure(404, "person_not_found", "没有这个用户、群或配对码"),
    bot_errors.AlreadyDecidedError: Failure(409, "already_decided", "已经处理过"),
    bot_errors.PairingClosedError: Failure(409, "pairing_closed", "申请已有结果"),
    bot_errors.PairingLimitError: Failure(429, "pairing_limit", "申请太多"),
    bot_errors.SetBySettingsError: Failure(409, "set_by_settings", "由设置决定"),
    bot_errors.PeopleError: Failure(422, "people", "权限操作无法完成"),
    bot_errors.NotReadyError: Failure(503, "not_ready", "尚未就绪", "若还没有索引，请先运行 yiju index。"),
    bot_errors.NotAllowedError: Failure(403, "not_allowed", "没有权限"),
    bot_errors.UnknownAnswerError: Failure(404, "answer_not_found", "没有这个回答"),
    bot_errors.JobConflictError: Failure(409, "job_running", "已有同类任务在运行", "等它结束后再试。"),
    UnknownJobError: Failure(404, "job_not_found", "没有这个任务"),
    PreviewOutdatedError: Failure(409, "preview_outdated", "试运行已经过时"),
    JobEndedError: Failure(409, "job_ended", "任务已经结束"),
    UnknownGapError: Failure(404, "gap_not_found", "没有这个未答问题"),
    GapRequestError: Failure(422, "gap", "未答问题不能这样标记"),
    UploadMissingError: Failure(404, "upload_not_found", "没有这个文件"),
    UploadNameError: Failure(422, "upload_name", "文件名不可用"),
    UploadGoneError: Failure(404, "upload_gone", "没有等待确认的文件"),
    UploadTypeError: Failure(415, "upload_type", "不支持的文件类型"),
    UploadTooLargeError: Failure(413, "upload_too_large", "文件过大"),
    UploadError: Failure(422, "upload", "文件不能收下"),
    corpus_errors.SourceNotFoundError: Failure(
        500, "source_not_found", "找不到语料", "检查 YIJU_CORPUS_DIR 或命令行给出的路径。", shown=False
    ),
    corpus_errors.UnreadableFileError: Failure(422, "unreadable_file", "文件无法读取", "换成 UTF-8 文本后重试。"),
    corpus_errors.DocumentNotFoundError: Failure(404, "not_found", "没有这个文档或段落"),
    corpus_errors.StoreError: Failure(
        503,
        "store",
        "数据库无法读写",
        "检查磁盘空间与数据目录的权限，或数据库服务器；yiju doctor 会逐项检查。",
        shown=False,
    ),
    embedding_errors.ModelNotAvailableError: Failure(
        503, "model_not_available", "模型不可用", "运行 yiju prepare 准备模型。", shown=False
    ),
    embedding_errors.ModelDamagedError: Failure(
        503, "model_damaged", "模型文件损坏", "删除该模型文件夹，再运行 yiju prepare。", shown=False
    ),
    embedding_errors.VectorCacheError: Failure(
        503, "vector_cache", "向量缓存无法读写", "检查磁盘空间；缓存文件可以删除，会重新计算。", shown=False
    ),
    retrieval_errors.NoSnapshotError: Failure(503, "no_index", "还没有索引", "先运行 yiju index。", shown=False),
    retrieval_errors.SnapshotDamagedError: Failure(
        503, "index_damaged", "索引损坏", "运行 yiju index --full 重建。", shown=False
    ),
    retrieval_errors.SnapshotReadOnlyError: Failure(
        503, "index_read_only", "索引所在的文件夹不可写", "给运行 yiju 的用户数据目录的写权限。", shown=False
    ),
    retrieval_errors.SnapshotMismatchError: Failure(
        503, "index_mismatch", "索引与设置不符", "运行 yiju index --full 重建，或改回原来的设置。", shown=False
    ),
    retrieval_errors.SnapshotUnknownError: Failure(
        404, "snapshot_not_found", "没有这个快照", "用 yiju snapshots list 查看现有的快照。", shown=False
    ),
    retrieval_errors.SwitchBlockedError: Failure(
        409,
        "switch_blocked",
        "新索引答得更差，没有启用，原索引仍在使用",
        "看任务报告中变化的回答；确认无误后运行 yiju snapshots accept 加它的编号，或改正资料后重新运行 yiju index。",
    ),
    retrieval_errors.IndexingPausedError: Failure(
        409, "embedding_paused", "向量计算已暂停", "继续：yiju embedding resume。"
    ),
    retrieval_errors.BackupError: Failure(500, "backup", "备份或恢复不能完成", shown=False),
    retrieval_errors.IndexLockedError: Failure(409, "index_locked", "另一个进程正在建索引", "等它结束后再试。"),
    retrieval_errors.TermsFileError: Failure(500, "terms_file", "术语文件有误", shown=False),
    retrieval_errors.MassRemovalError: Failure(
        409,
        "mass_removal",
        "这次会删除过半文档，已停止",
        "确认语料路径无误；若确要删除，命令行加 --allow-mass-removal，HTTP 请求中写 allow_mass_removal: true。",
    ),
    retrieval_errors.IndexingFailedError: Failure(
        500, "indexing_failed", "建索引中止，原索引仍在使用", "排除原因后重新运行 yiju index。", shown=False
    ),
    retrieval_errors.BackupError: Failure(409, "backup", "备份或恢复没有完成", shown=False),
    TelegramChannelError: Failure(503, "telegram", "Telegram 机器人不能运行", shown=False),
    bot_errors.MalformedUpdateError: Failure(400, "malformed_update", "请求无法解析"),
    bot_errors.BusyError: Failure(503, "busy", "排队的问题已满", "请稍后再试。"),
    DocumentEditError: Failure(422, "document_edit", "文档的说明不能这样改"),
    EditConflictError: Failure(412, "precondition_failed", "内容已经变了"),
    EvaluationError: Failure(422, "evaluation", "评测不能进行"),
    bot_errors.BotError: INTERNAL,
    corpus_errors.CorpusError: Failure(500, "corpus", "语料出错", shown=False),
    embedding_errors.EmbeddingError: Failure(500, "embedding", "向量模型出错", shown=False),
    retrieval_errors.RetrievalError: Failure(500, "retrieval", "检索出错", shown=False),
    OSError: Failure(
        503, "system", "系统拒绝了操作", "检查磁盘空间（df -h）、路径与权限；yiju doctor 会逐项检查。", shown=False
    ),
}


def failure_of(error: BaseException) -> Failure:
    """How to tell this error, by its class or nearest base; ``INTERNAL`` for what nobody foresaw."""
    for kind in type(error).__mro__:
        if kind in FAILURES:
            return FAILURES[kind]
    return INTERNAL


def in_words(error: BaseException) -> str:
    """What happened and what to do, in one line: for jobs and logs, which people with access to both read."""
    failure = failure_of(error)
    said = f"{failure.title}：{error}"
    return f"{said} 处理：{failure.cure}" if failure.cure else said
