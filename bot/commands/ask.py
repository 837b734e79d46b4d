"""`yiju ask`: one question against the local index, without a server."""

from __future__ import annotations

import sys
from dataclasses import dataclass

import click

from bot import app
from bot.answering.language import Language, question_language
from bot.answers import Answer, Citation
from bot.audit import acting, local_person
from bot.channels.http_access import LOCAL_OWNER
from bot.channels.wire import CONVERSATION_ID, MAX_TOP_K, AnswerBody
from bot.commands.frame import framed, json_option, settings_for
from bot.commands.parameters import clearance_option, matching
from bot.commands.progress import ProgressLine
from bot.service import cleaned
from corpus.visibility import EVERYTHING, Clearance


@dataclass(frozen=True, slots=True)
class _Labels:
    """The words around sources, in the script or language of the question; ``facts`` takes what is known of one."""

    sources: str
    nearest: str
    undated: str
    composed: str
    facts: str = "（{}）"
    comma: str = "，"


_LABELS: dict[Language, _Labels] = {
    "zh-Hans": _Labels("来源：", "还可以看：", "发布日期不明", "回答由语言模型据所引原文整理，请以原文为准。"),
    "zh-Hant": _Labels("來源：", "還可以看：", "發布日期不明", "回答由語言模型據所引原文整理，請以原文為準。"),
    "en": _Labels(
        "Sources:", "See also:", "undated", "Put together by a language model from the sources.", " ({})", ", "
    ),
}


@click.command("ask", help="提一个问题，得到答案与出处。 Ask one question of the local index.")
@click.argument("question")
@click.option(
    "--conversation",
    metavar="ID",
    callback=matching(CONVERSATION_ID, "1 到 64 个字母、数字、_ 或 -"),
    help="在这个会话中追问 / follow up in this conversation",
)
@click.option(
    "--top-k", type=click.IntRange(1, MAX_TOP_K), default=5, show_default=True, help="取用的段落数 / passages to read"
)
@clearance_option
@json_option
@framed
def command(question: str, conversation: str | None, top_k: int, clearance: Clearance | None, as_json: bool) -> None:
    """Answer and print; not finding is an answer too."""
    settings = settings_for()
    cleaned(question)  # before a model is loaded in vain
    progress = ProgressLine(sys.stderr)
    with app.open_answers(settings, say=progress.say) as service, acting(local_person()):
        answer = service.ask(
            question,
            owner=LOCAL_OWNER,
            conversation_id=conversation,
            top_k=top_k,
            # Who runs this has the files.
            clearance=EVERYTHING if clearance is None else clearance,
        )
    click.echo(AnswerBody.of(answer).model_dump_json() if as_json else rendered(answer, question_language(question)))


def rendered(answer: Answer, language: Language = "zh-Hans") -> str:
    """An answer for a terminal: the text, its sources, what to try next."""
    labels = _LABELS[language]
    parts = [answer.text]
    if answer.composed_by is not None:
        parts.append(labels.composed)
    if answer.citations:
        parts.append(f"{labels.sources}\n" + "\n".join(_source(citation, labels) for citation in answer.citations))
    if answer.suggestions:
        parts.append(f"{labels.nearest}\n" + "\n".join(f"  · {suggestion.text}" for suggestion in answer.suggestions))
    return "\n\n".join(parts)


def _source(citation: Citation, labels: _Labels) -> str:
    dated = citation.published_at.isoformat() if citation.published_at else labels.undated
    facts = labels.facts.format(
        labels.comma.join(part for part in (citation.publisher, dated, citation.source_path) if part)
    )
    heading = f" · {citation.heading}" if citation.heading else ""
    return f"  [{citation.number}] {citation.document_title}{heading}{facts}"
