"""Users and groups as administrators see them: the list, and one of them with what can be done. Sends nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.access import Role
from bot.channels.telegram.access_phrases import AccessPhrases
from bot.channels.telegram.requests import Button, Outgoing
from bot.channels.telegram.text import Run, shorten
from bot.people import Member
from bot.state.people import APPROVED, PENDING

PAGE_MEMBERS = 8
_LABEL_CHARS = 40
# APPROVE is for who waits: an old button must not let in again who was removed since. READMIT is for those.
LIST, SHOW, APPROVE, READMIT, REJECT, REMOVE, ADMIN, USER = "l", "v", "y", "b", "n", "x", "m", "d"
_CHANGES = frozenset({SHOW, APPROVE, READMIT, REJECT, REMOVE, ADMIN, USER})


@dataclass(frozen=True, slots=True)
class MemberPress:
    """A button about users that was pressed. ``telegram_id`` is 0 for the list."""

    act: str
    telegram_id: int
    page: int

    @property
    def data(self) -> str:
        """As button data."""
        return f"a:{self.act}:{self.telegram_id}:{self.page}"

    @classmethod
    def read(cls, data: str) -> MemberPress | None:
        """Back from ``data``; None for what is not ours."""
        match data.split(":"):
            case ["a", act, telegram_id, page] if act in _CHANGES | {LIST} and len(data) <= 64:
                try:
                    return cls(act, int(telegram_id), max(int(page), 0))
                except ValueError:
                    return None
        return None


def member_list(members: Sequence[Member], page: int, phrases: AccessPhrases) -> Outgoing:
    """A page of all users and groups, a button for each."""
    if not members:
        return Outgoing((Run(phrases.nobody),))
    pages = (len(members) + PAGE_MEMBERS - 1) // PAGE_MEMBERS
    page = min(max(page, 0), pages - 1)
    shown = members[page * PAGE_MEMBERS : (page + 1) * PAGE_MEMBERS]
    heading = Run(phrases.users_heading.format(count=len(members)), bold=True)
    rows = [[_member_button(member, page, phrases)] for member in shown]
    if pages > 1:
        before, after = ((page - 1) % pages, (page + 1) % pages)
        rows.append(
            [
                Button("◀", MemberPress(LIST, 0, before).data),
                Button(f"{page + 1}/{pages}", MemberPress(LIST, 0, page).data),
                Button("▶", MemberPress(LIST, 0, after).data),
            ]
        )
    return Outgoing((heading, Run(_counts(members, phrases))), rows)


def found_members(members: Sequence[Member], phrases: AccessPhrases) -> Outgoing:
    """Those that a search found."""
    shown = members[: 2 * PAGE_MEMBERS]
    said = phrases.found if len(shown) == len(members) else phrases.found_more
    text = said.format(count=len(members), shown=len(shown))
    return Outgoing((Run(text, bold=True),), [[_member_button(member, 0, phrases)] for member in shown])


def member_card(
    member: Member, page: int, phrases: AccessPhrases, *, names: dict[str, str], heading: str | None = None
) -> Outgoing:
    """One user or group, with what can be done. ``names``: of those who decided, by actor."""
    lead = (Run(f"{heading}\n", bold=True),) if heading else ()
    name = Run(_name(member, phrases), bold=heading is None)
    lines = _facts(member, phrases, names)
    how = phrases.sees_usage.format(id=member.telegram_id) if member.state == APPROVED else ""
    text = (*lead, name, Run("".join(f"\n{line}" for line in lines)), Run(f"\n\n{how}" if how else "", italic=True))
    rows = [[Button(label, MemberPress(act, member.telegram_id, page).data)] for label, act in _acts(member, phrases)]
    return Outgoing(text, [*_beside(rows), [Button(phrases.back, MemberPress(LIST, 0, page).data)]])


def _facts(member: Member, phrases: AccessPhrases, names: dict[str, str]) -> list[str]:
    kind = phrases.group if member.is_group else phrases.user
    lines = [f"{kind} · {phrases.id} {member.telegram_id}"]
    record = member.record
    if record is not None and record.username:
        lines[0] += f" · @{record.username}"
    settings = f"（{phrases.by_settings}）" if member.by_settings else ""
    lines.append(f"{phrases.standing}: {_standing(member, phrases)}{settings}")
    if member.state == APPROVED:
        lines.append(f"{phrases.sees}: {_seen(member, phrases)}")
    if record is not None and not member.by_settings:
        lines.append(f"{phrases.requested}: {_moment(record.requested_at)}")
        if record.decided_by is not None and record.decided_at is not None:
            by = _actor(record.decided_by, phrases, names)
            lines.append(phrases.decided_by.format(by=by, at=_moment(record.decided_at)))
    return lines


def _seen(member: Member, phrases: AccessPhrases) -> str:
    """What may be seen: what an administrator sees in private, else what was given."""
    if member.clearance.everything or (member.role is Role.ADMIN and not member.is_group):
        return phrases.sees_all
    return "、".join((phrases.sees_public, *member.clearance.stated()))


def _acts(member: Member, phrases: AccessPhrases) -> list[tuple[str, str]]:
    if member.by_settings:
        return []
    if member.state == PENDING:
        return [(phrases.approve, APPROVE), (phrases.reject, REJECT)]
    if member.state != APPROVED:
        return [(phrases.readmit, READMIT)]
    if member.is_group:
        return [(phrases.remove, REMOVE)]
    role = (phrases.make_user, USER) if member.role is Role.ADMIN else (phrases.make_admin, ADMIN)
    return [role, (phrases.remove, REMOVE)]


def _beside(rows: list[list[Button]]) -> list[list[Button]]:
    return [[button for row in rows for button in row]] if rows else []


def _member_button(member: Member, page: int, phrases: AccessPhrases) -> Button:
    icon = "⏳" if member.state == PENDING else "🚫" if member.state != APPROVED else "👥" if member.is_group else "👤"
    icon = "🛡" if member.role is Role.ADMIN else icon
    settings = f" · {phrases.by_settings}" if member.by_settings else ""
    label = f"{icon} {shorten(_name(member, phrases), _LABEL_CHARS)}{settings}"
    return Button(label, MemberPress(SHOW, member.telegram_id, page).data)


def _counts(members: Sequence[Member], phrases: AccessPhrases) -> str:
    counts: dict[str, int] = {}
    for member in members:
        standing = _standing(member, phrases)
        counts[standing] = counts.get(standing, 0) + 1
    return "\n" + " · ".join(f"{standing} {count}" for standing, count in counts.items())


def _standing(member: Member, phrases: AccessPhrases) -> str:
    role = "admin" if member.role is Role.ADMIN else "user"
    return phrases.states[f"{APPROVED}:{role}" if member.state == APPROVED else member.state]


def _name(member: Member, phrases: AccessPhrases) -> str:
    return member.name or f"{phrases.group if member.is_group else phrases.user} {member.telegram_id}"


def _actor(name: str, phrases: AccessPhrases, names: dict[str, str]) -> str:
    kind, _, rest = name.partition(":")
    return phrases.command_line.format(name=rest) if kind == "cli" else names.get(name) or rest or name


def _moment(moment: datetime) -> str:
    return moment.astimezone().strftime("%Y-%m-%d %H:%M")
