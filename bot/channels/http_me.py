"""Who one is, and where one is signed in, as JSON."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from fastapi import FastAPI, Request, Response
from pydantic import BaseModel

from bot.channels.http_json import json_answer
from bot.channels.http_openapi import Operation, add_operations
from bot.channels.http_requests import asker_of
from bot.channels.http_services import SignInDesk
from bot.channels.work_pool import WorkPool
from bot.errors import UnknownAccountError
from bot.state.sessions import Session

Result = TypeVar("Result")


class MeBody(BaseModel):
    """Who one is, as the server sees it."""

    owner: str
    name: str
    scopes: list[str]
    clearance: list[str]
    csrf_token: str | None


class SessionBody(BaseModel):
    """One place where one is signed in."""

    id: str
    address: str
    agent: str
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime

    @classmethod
    def of(cls, session: Session) -> SessionBody:
        """As JSON."""
        return cls.model_validate(session, from_attributes=True)


class SessionListBody(BaseModel):
    """Where one is signed in."""

    sessions: list[SessionBody]


class Me:
    """The handlers. ``desk`` None: nobody can sign in here."""

    def __init__(self, desk: SignInDesk | None, pool: WorkPool) -> None:
        self._desk = desk
        self._pool = pool

    async def me(self, request: Request) -> Response:
        """Who one is."""
        asker = asker_of(request)
        return json_answer(
            MeBody(
                owner=asker.owner,
                name=asker.name,
                scopes=list(asker.scopes),
                clearance=list(asker.clearance.stated()),
                csrf_token=asker.csrf_token,
            )
        )

    async def my_sessions(self, request: Request) -> Response:
        """Where one is signed in."""
        asker = asker_of(request)
        found = await self._run(lambda desk: desk.own_sessions(asker.owner))
        return json_answer(SessionListBody(sessions=[SessionBody.of(session) for session in found]))

    async def end_my_session(self, session_id: str, request: Request) -> Response:
        """Sign out somewhere."""
        asker = asker_of(request)
        await self._run(lambda desk: desk.end_own(asker.owner, session_id))
        return Response(status_code=204)

    async def _run(self, work: Callable[[SignInDesk], Result]) -> Result:
        desk = self._desk
        if desk is None:
            raise UnknownAccountError("这里没有账号登录。")
        return await self._pool.run(lambda: work(desk))


def add_me(app: FastAPI, me: Me) -> None:
    """Put the routes into the application."""
    mine, one, tag = "/v1/me/sessions", "/v1/me/sessions/{session_id}", "access"
    described = (
        Operation("GET", "/v1/me", me.me, "get_me", "自己是谁，能做什么", tag, MeBody),
        Operation(
            "GET", mine, me.my_sessions, "list_my_sessions", "自己登录在哪里", tag, SessionListBody, problems=(404,)
        ),
        Operation("DELETE", one, me.end_my_session, "end_my_session", "在那里退出登录", tag, None, 204, (404,)),
    )
    add_operations(app, described)
