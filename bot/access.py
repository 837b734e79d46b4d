"""Who may do what in a chat, as far as the settings say it: pure rules, the same for every channel with user ids.

Whom administrators approved or removed is in ``people``, which asks here first.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class Role(IntEnum):
    """What a person may do; a higher one may do everything of a lower one."""

    STRANGER = 0
    USER = 1
    ADMIN = 2


@dataclass(frozen=True, slots=True)
class Access:
    """Who is allowed. Admins are user ids; allowed ids are users or groups. ``open_to_all`` lets everyone ask."""

    admin_ids: frozenset[int] = frozenset()
    allowed_ids: frozenset[int] = frozenset()
    open_to_all: bool = False

    def own_role(self, subject_id: int) -> Role:
        """What the settings say about this very user or group; STRANGER where they do not name it."""
        if subject_id in self.admin_ids:
            return Role.ADMIN
        return Role.USER if subject_id in self.allowed_ids else Role.STRANGER

    def role(self, *, user_id: int | None, chat_id: int) -> Role:
        """The role of a user (None: unknown, such as an anonymous sender) in a chat."""
        own = Role.STRANGER if user_id is None else self.own_role(user_id)
        return max(own, Role.USER if self.open_to_all or chat_id in self.allowed_ids else Role.STRANGER)
