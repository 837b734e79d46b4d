"""Bytes to text: every encoding that is taken, and every kind of file that is not."""

from __future__ import annotations

import codecs

import pytest

from corpus.decoding import decode
from corpus.errors import UnreadableFileError

SIMPLIFIED = "杜阮镇有200户种植凉瓜，去年产业链总产值达到1.3亿元。镇里还在上巷村建起了大棚。\n"
TRADITIONAL = "杜阮鎮有200戶種植涼瓜，去年產業鏈總產值達到1.3億元。鎮裡還在上巷村建起了大棚。\n"


@pytest.mark.parametrize(
    ("data", "text", "encoding"),
    [
        (SIMPLIFIED.encode(), SIMPLIFIED, "utf-8"),
        (codecs.BOM_UTF8 + SIMPLIFIED.encode(), SIMPLIFIED, "utf-8-sig"),
        (codecs.BOM_UTF16_LE + SIMPLIFIED.encode("utf-16-le"), SIMPLIFIED, "utf-16-le"),
        (codecs.BOM_UTF16_BE + SIMPLIFIED.encode("utf-16-be"), SIMPLIFIED, "utf-16-be"),
        (SIMPLIFIED.encode("utf-16-le"), SIMPLIFIED, "utf-16-le"),
        (SIMPLIFIED.encode("utf-16-be"), SIMPLIFIED, "utf-16-be"),
        (SIMPLIFIED.encode("gb18030"), SIMPLIFIED, "gb18030"),
        (TRADITIONAL.encode("gb18030"), TRADITIONAL, "gb18030"),
        (TRADITIONAL.encode("big5"), TRADITIONAL, "big5"),
        (b"Pengjiang District", "Pengjiang District", "utf-8"),
        ("𠮷野家的牛丼很好吃，他们都来了。".encode("gb18030"), "𠮷野家的牛丼很好吃，他们都来了。", "gb18030"),
    ],
)
def test_the_encoding_is_found_and_named(data: bytes, text: str, encoding: str) -> None:
    decoded = decode(data)
    assert (decoded.text, decoded.encoding) == (text, encoding)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b" \n\r\n", "empty"),
        (b"%PDF-1.7\n...", "a PDF"),
        (b"PK\x03\x04\x14\x00", "ZIP"),
        (b"\x89PNG\r\n\x1a\n\x00", "PNG"),
        (b"\xff\xd8\xff\xe0JFIF", "JPEG"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old Office"),
        (b"<!DOCTYPE html><html><body>", "HTML"),
        (b"abc\x00\x01\x02def", "NUL"),
        (b"\x00" * 64, "empty"),
        (SIMPLIFIED.encode() + b"\xff\xfe" + SIMPLIFIED.encode(), "damaged"),
        (SIMPLIFIED.encode()[:-2], "damaged"),
        (codecs.BOM_UTF8 + SIMPLIFIED.encode()[:-2], "damaged"),
        (bytes(range(1, 256)) * 4, "not known"),
    ],
)
def test_what_is_not_text_is_refused_with_its_name(data: bytes, reason: str) -> None:
    with pytest.raises(UnreadableFileError, match=reason):
        decode(data)


def test_damage_is_reported_with_its_place() -> None:
    data = SIMPLIFIED.encode()
    with pytest.raises(UnreadableFileError, match=f"byte {len(data) + 1} "):
        decode(data + b"\xff" + data)
