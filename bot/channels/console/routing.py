"""Puts the console's pages into the application. Every address of the console is in the sections named here."""

from __future__ import annotations

from fastapi import FastAPI

from bot.channels.console import (
    accounts,
    audit,
    documents,
    gaps,
    indexing,
    keys,
    overview,
    people,
    ratings,
    snapshots,
    uploads,
    usage,
)
from bot.channels.console.frame import Frame, Page
from bot.channels.console.services import ConsoleServices
from bot.channels.web.assets import Assets
from bot.channels.work_pool import WorkPool

_SECTIONS = (overview, documents, uploads, indexing, snapshots, gaps, ratings, usage, people, accounts, keys, audit)


def console_pages(frame: Frame) -> list[Page]:
    """Every page and act of the console."""
    return [page for section in _SECTIONS for page in section.pages(frame)]


def add_console(app: FastAPI, services: ConsoleServices, pool: WorkPool, assets: Assets) -> None:
    """Add the pages; ``assets`` are served by the application."""
    frame = Frame(services, pool, assets)
    for page in console_pages(frame):
        methods = ["GET", "HEAD"] if page.method == "GET" else [page.method]
        app.add_route(page.path, frame.guarded(page), methods=methods, include_in_schema=False)
