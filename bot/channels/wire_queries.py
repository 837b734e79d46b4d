"""What stands behind the question mark of lists: pages, filters, orders. Unknown names are refused."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from bot.channels.http_cursors import MAX_CHARS
from bot.channels.wire import Text
from bot.document_query import DocumentQuery, Order

MAX_PAGE = 500
MAX_WORDS_CHARS = 200
# A page of the list loads no texts, but a huge offset is a mistake, and SQLite's integers end at 63 bits.
_MAX_OFFSET = 10_000_000
Cursor = Annotated[str, Field(min_length=1, max_length=MAX_CHARS)]
Day = Annotated[date, Field(strict=False)]


class PageQuery(BaseModel):
    """Which page of a list."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    cursor: Annotated[Cursor | None, Field(description="上一页的 next_cursor；第一页不写")] = None
    limit: Annotated[int, Field(ge=1, le=MAX_PAGE, description="每页几条")] = 100


class DocumentListQuery(PageQuery):
    """Which documents, in which order."""

    offset: Annotated[int, Field(ge=0, le=_MAX_OFFSET, description="跳过几条；翻页宜用 cursor")] = 0
    retired: Annotated[bool, Field(description="true：列出停用的")] = False
    q: Annotated[
        Text, Field(max_length=MAX_WORDS_CHARS, description="标题、发布机构、文件名或编号含有这些词，简繁皆可")
    ] = ""
    publisher: (
        Annotated[Text, Field(min_length=1, max_length=MAX_WORDS_CHARS, description="发布机构，须完全一致")] | None
    ) = None
    visibility: Annotated[Text, Field(min_length=1, max_length=64, description="可见范围的标签")] | None = None
    published_from: Annotated[Day, Field(description="这一天及以后发布的")] | None = None
    published_to: Annotated[Day, Field(description="这一天及以前发布的")] | None = None
    order: Annotated[
        Order | None, Field(description="stored 入库先后；newest 新近发布的在前；best 最相符的在前，有 q 时的默认")
    ] = None

    def query(self) -> DocumentQuery:
        """The same without the page."""
        return DocumentQuery(
            words=self.q,
            retired=self.retired,
            publisher=self.publisher,
            visibility=self.visibility,
            published_from=self.published_from,
            published_to=self.published_to,
            order=self.order,
        )
