"""The words about index jobs in the three frames: phases, speed, time left, what a switch changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from bot.answering.language import Language


@dataclass(frozen=True, slots=True)
class JobPhrases:
    """The words of one frame. ``phases`` by the names that jobs use."""

    phases: dict[str, str]
    rate: str
    left: str
    paused: str
    seconds: str
    minutes: str
    hours: str
    embedded: str
    golden: str
    changed: str
    nothing: str
    change: str
    pause_asked: str
    resumed: str
    stop_asked: str
    nothing_runs: str
    not_found_yet: str


SIMPLIFIED: Final = JobPhrases(
    phases={
        "waiting": "等待后台计算让位",
        "reading": "读取文件",
        "writing": "写入索引",
        "embedding": "计算向量",
        "filling": "补算向量（新索引已在使用）",
        "checking": "核对回答",
        "paused": "已暂停",
    },
    rate="每秒 {rate}",
    left="还要 {time}",
    paused="已暂停，/reindex resume 继续",
    seconds="{seconds} 秒",
    minutes="{minutes} 分 {seconds} 秒",
    hours="{hours} 小时 {minutes} 分",
    embedded="向量已算 {percent}，其余在后台继续；在此之前按文字检索。",
    golden="标准问题答对率 {before} → {after}",
    changed="{count} 个问题的回答有变化：",
    nothing="未找到",
    change="{question} {before} → {after}（{source}）",
    pause_asked="向量计算已暂停；/reindex resume 继续。",
    resumed="向量计算继续进行。",
    stop_asked="已要求任务 {job_id} 停止；已算好的向量都保留。",
    nothing_runs="现在没有任务在运行。",
    not_found_yet="资料还在后台处理（{percent}），稍后再问可能会找到。",
)

TRADITIONAL: Final = JobPhrases(
    phases={
        "waiting": "等待後台計算讓位",
        "reading": "讀取檔案",
        "writing": "寫入索引",
        "embedding": "計算向量",
        "filling": "補算向量（新索引已在使用）",
        "checking": "核對回答",
        "paused": "已暫停",
    },
    rate="每秒 {rate}",
    left="還要 {time}",
    paused="已暫停，/reindex resume 繼續",
    seconds="{seconds} 秒",
    minutes="{minutes} 分 {seconds} 秒",
    hours="{hours} 小時 {minutes} 分",
    embedded="向量已算 {percent}，其餘在後台繼續；在此之前按文字檢索。",
    golden="標準問題答對率 {before} → {after}",
    changed="{count} 個問題的回答有變化：",
    nothing="未找到",
    change="{question} {before} → {after}（{source}）",
    pause_asked="向量計算已暫停；/reindex resume 繼續。",
    resumed="向量計算繼續進行。",
    stop_asked="已要求任務 {job_id} 停止；已算好的向量都保留。",
    nothing_runs="現在沒有任務在運行。",
    not_found_yet="資料還在後台處理（{percent}），稍後再問可能會找到。",
)

ENGLISH: Final = JobPhrases(
    phases={
        "waiting": "waiting for background work to make way",
        "reading": "reading files",
        "writing": "writing the index",
        "embedding": "embedding",
        "filling": "embedding the rest (the new index answers already)",
        "checking": "comparing answers",
        "paused": "paused",
    },
    rate="{rate} a second",
    left="{time} left",
    paused="paused; /reindex resume goes on",
    seconds="{seconds} s",
    minutes="{minutes} min {seconds} s",
    hours="{hours} h {minutes} min",
    embedded="{percent} embedded, the rest follows in the background; until then it is found by its words.",
    golden="Golden questions answered right: {before} → {after}",
    changed="{count} questions are answered otherwise:",
    nothing="not found",
    change="{question} {before} → {after} ({source})",
    pause_asked="Embedding is paused; /reindex resume goes on.",
    resumed="Embedding goes on.",
    stop_asked="Job {job_id} was asked to stop; what is embedded is kept.",
    nothing_runs="No job is running.",
    not_found_yet="The documents are still being processed ({percent}); asking again later may find it.",
)

JOB_PHRASES: Final[dict[Language, JobPhrases]] = {"zh-Hans": SIMPLIFIED, "zh-Hant": TRADITIONAL, "en": ENGLISH}
