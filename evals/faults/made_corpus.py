"""Documents of our own about made villages, each with facts that no other holds, and questions with one right passage.

A document is a function of its number and edition, so two runs, and two processes, always mean the same text.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

_FIRST, _SECOND = "清石龙凤白金青大梅松云鹤", "溪桥岭塘坪湾洞冈"
VILLAGES = tuple(first + second for second in _SECOND for first in _FIRST)
# What the text between the facts speaks of: it makes documents of several passages and gives both searches company.
_MATTERS = ("茶园管护", "水渠清淤", "校舍修缮", "医疗下乡", "果树嫁接", "垃圾分类", "路灯安装", "古树保护", "农机培训")
_DEEDS = ("逐户走访", "召开院坝会", "请来技术人员", "登记造册", "张榜公布", "分片包干", "按月检查", "组织义务劳动")


@dataclass(frozen=True, slots=True)
class MadeDocument:
    """One village's report. Another edition has another length of road; the rest of its text stays."""

    number: int
    edition: int = 0

    @property
    def village(self) -> str:
        """The name that only this document holds."""
        return f"{VILLAGES[self.number % len(VILLAGES)]}{'东西南北上下前后'[self.number // len(VILLAGES) % 8]}村"

    @property
    def file_name(self) -> str:
        """Its source."""
        return f"{self.number:04}.txt"

    @property
    def road(self) -> str:
        """The fact that an edit changes."""
        return f"{self.number * 7 % 89 + 11 + self.edition}.{self.number % 9 + 1}公里"

    @property
    def harvest(self) -> str:
        """The fact that no edit changes, in another passage."""
        return f"{self.number * 13 % 700 + 120}吨"

    def text(self, sections: int = 3) -> str:
        """The content of its file: a title and ``sections`` of some 300 characters, each a passage of its own."""
        road = f"{self.village}今年新修公路{self.road}，群众出行更加方便。"
        parts = [f"{self.village}年度工作简报", road + self._talk(0)]
        parts += [
            self._talk(section) + f"{self.village}今年收获稻谷{self.harvest}，" + self._talk(section + 50)
            if section == sections - 1
            else self._talk(section)
            for section in range(1, sections)
        ]
        return "\n\n".join(parts) + "\n"

    def _talk(self, section: int) -> str:
        sentences = []
        for turn in range(5):
            pick = self.number * 31 + section * 17 + turn * 5
            matter, deed = _MATTERS[pick % len(_MATTERS)], _DEEDS[pick // 3 % len(_DEEDS)]
            sentences.append(f"在{matter}方面，{self.village}干部{deed}，第{pick % 12 + 1}小组的{matter}做得最细。")
        return "".join(sentences)


def write(folder: Path, documents: list[MadeDocument]) -> None:
    """Let the folder hold these documents, and no others."""
    folder.mkdir(parents=True, exist_ok=True)
    names = {document.file_name for document in documents}
    for path in folder.iterdir():
        if path.name not in names:
            path.unlink()
    for document in documents:
        (folder / document.file_name).write_text(document.text(), encoding="utf-8")


def questions(documents: list[MadeDocument]) -> list[str]:
    """Two questions for each document, each answered by one passage."""
    return [
        question
        for document in documents
        for question in (f"{document.village}新修公路多少公里？", f"{document.village}收获稻谷多少吨？")
    ]
