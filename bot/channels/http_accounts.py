"""Routes for administrators over the accounts of people at the web.

No password is set here: whoever an account is for gets a link.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import TypeVar
from urllib.parse import quote

from fastapi import FastAPI, Request, Response
from pydantic import BaseModel

from bot.accounts import Accounts
from bot.channels.http_json import json_answer
from bot.channels.http_me import SessionBody, SessionListBody
from bot.channels.http_openapi import Operation, add_operations
from bot.channels.http_problems import ProblemError, problem
from bot.channels.http_requests import asker_of
from bot.channels.wire_accounts import (
    AccountBody,
    AccountListBody,
    AccountPatch,
    AccountRequest,
    EndedBody,
    LinkBody,
    NewAccountBody,
)
from bot.channels.work_pool import WorkPool
from bot.state.accounts import Account
from corpus.visibility import Clearance

Read = TypeVar("Read")
PATH = "/v1/admin/accounts"


class AccountRoutes:
    """The handlers, with what they need. ``public_url``: where links begin; None: at the address that was asked."""

    def __init__(self, accounts: Accounts, pool: WorkPool, *, public_url: str | None) -> None:
        self._accounts = accounts
        self._pool = pool
        self._public_url = public_url

    async def _told(
        self, work: Callable[[], BaseModel], *, status: int = 200, headers: dict[str, str] | None = None
    ) -> Response:
        return json_answer(await self._pool.run(work), status=status, headers=headers)

    async def everyone(self) -> Response:
        """All accounts, by name; those that are disabled too."""

        def listed() -> AccountListBody:
            running = Counter(session.account_id for session in self._accounts.running_sessions())
            return AccountListBody(
                accounts=[AccountBody.of(each, running[each.id]) for each in self._accounts.everyone()]
            )

        return await self._told(listed)

    async def one(self, account_id: str) -> Response:
        """One account, by its id or name."""
        return await self._told(lambda: self._body(self._accounts.account(account_id)))

    async def create(self, body: AccountRequest, request: Request) -> Response:
        """Make an account that has no password yet, and a link by which its holder sets one."""
        by, clearance = asker_of(request).owner, _read(body.cleared)

        def make() -> tuple[Account, str]:
            made = self._accounts.create(body.name, body.role, clearance, by=by)
            return made, self._accounts.make_link(made.id, by=by)

        made, token = await self._pool.run(make)
        shown = NewAccountBody.made(made, link_address(request, token, public_url=self._public_url))
        return json_answer(shown, status=201, headers={"Location": f"{PATH}/{made.id}"})

    async def change(self, account_id: str, body: AccountPatch, request: Request) -> Response:
        """Give another role or clearance, disable or enable; in force within a second."""
        by, clearance = asker_of(request).owner, _read(body.cleared)
        return await self._told(lambda: self._body(self._changed(account_id, body, clearance, by=by)))

    def _changed(self, account_id: str, body: AccountPatch, clearance: Clearance | None, *, by: str) -> Account:
        accounts, found = self._accounts, self._accounts.account(account_id)
        # What may be refused stands before what may not, so that a refused request has changed nothing.
        if body.disabled and found.disabled_at is None:
            accounts.disable(found.id, by=by)
        if body.role is not None and body.role != found.role:
            accounts.set_role(found.id, body.role, by=by)
        if clearance is not None:
            accounts.set_clearance(found.id, clearance, by=by)
        if body.disabled is False and found.disabled_at is not None:
            accounts.enable(found.id, by=by)
        return accounts.account(found.id)

    async def link(self, account_id: str, request: Request) -> Response:
        """A link by which its holder sets another password, once; until then the old one holds."""
        by = asker_of(request).owner
        token = await self._pool.run(lambda: self._accounts.make_link(account_id, by=by))
        return json_answer(LinkBody(link=link_address(request, token, public_url=self._public_url)))

    async def sessions(self, account_id: str) -> Response:
        """Where an account is signed in."""

        def listed() -> SessionListBody:
            return SessionListBody(
                sessions=[SessionBody.of(each) for each in self._accounts.running_sessions(account_id)]
            )

        return await self._told(listed)

    async def sign_out(self, account_id: str, request: Request) -> Response:
        """Sign an account out everywhere."""
        by = asker_of(request).owner
        return await self._told(lambda: EndedBody(ended=self._accounts.end_sessions(account_id, by=by)))

    def _body(self, account: Account) -> AccountBody:
        return AccountBody.of(account, len(self._accounts.running_sessions(account.id)))


def link_address(request: Request, token: str, *, public_url: str | None) -> str:
    """Where whoever holds the token sets their password."""
    base = (public_url or str(request.base_url)).rstrip("/")
    return f"{base}/login/link?token={quote(token, safe='')}"


def _read(cleared: Callable[[], Read]) -> Read:
    try:
        return cleared()
    except ValueError as error:
        raise ProblemError(problem(422, f"clearance：{error}")) from None


def add_accounts(app: FastAPI, accounts: Accounts, pool: WorkPool, *, public_url: str | None) -> None:
    """Put the routes into the application."""
    routes, tag = AccountRoutes(accounts, pool, public_url=public_url), "access"
    one = f"{PATH}/{{account_id}}"
    described = (
        Operation("GET", PATH, routes.everyone, "list_accounts", "列出账号", tag, AccountListBody),
        Operation(
            "POST",
            PATH,
            routes.create,
            "create_account",
            "新建账号，附设置密码的链接，只显示这一次",
            tag,
            NewAccountBody,
            201,
        ),
        Operation("GET", one, routes.one, "get_account", "一个账号", tag, AccountBody, problems=(404,)),
        Operation(
            "PATCH",
            one,
            routes.change,
            "change_account",
            "改角色、可见标签，停用或启用",
            tag,
            AccountBody,
            problems=(404,),
        ),
        Operation(
            "POST",
            f"{one}/link",
            routes.link,
            "make_password_link",
            "新的设置密码的链接，只显示这一次",
            tag,
            LinkBody,
            problems=(404, 422),
        ),
        Operation(
            "GET",
            f"{one}/sessions",
            routes.sessions,
            "list_account_sessions",
            "这个账号登录在哪里",
            tag,
            SessionListBody,
            problems=(404,),
        ),
        Operation(
            "DELETE",
            f"{one}/sessions",
            routes.sign_out,
            "end_account_sessions",
            "在各处退出",
            tag,
            EndedBody,
            problems=(404,),
        ),
    )
    add_operations(app, described)
