"""The directory as an LDAP server (Active Directory, OpenLDAP, FreeIPA) through ldap3, a pure-Python client (R1.25)."""

from __future__ import annotations

import ssl
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ldap3 import NONE, SUBTREE, Connection, Server, Tls
from ldap3.core.exceptions import LDAPBindError, LDAPException
from ldap3.utils.conv import escape_bytes, escape_filter_chars
from ldap3.utils.dn import parse_dn

from .base import LIMIT, DirectoryDown, Person

SECONDS = 5
"""A server that does not answer in that time is down."""
NOBODY = "cn=nobody"
_DISABLED = 2  # userAccountControl of Active Directory: ACCOUNTDISABLE


class LdapDirectory:
    """Searches under a service account, checks a password by binding with it. Nothing of a password is kept."""

    keeps_passwords = True

    def __init__(self, settings: dict[str, Any], *, strategy: str = "SYNC", server: Server | None = None) -> None:
        self.settings, self.strategy = settings, strategy
        self.server = server or _server(settings)
        self.attributes = [
            settings["login"], settings["external_id"], "sn", "givenName", "initials", "middleName", "displayName", "cn",
            "title", "mail", "telephoneNumber", "userAccountControl", "nsAccountLock", "pwdAccountLockedTime",
        ]  # fmt: skip

    @contextmanager
    def _bound(self, user: str, password: str) -> Iterator[Connection]:
        """A connection bound as `user`; LDAPBindError for a wrong password, DirectoryDown for silence."""
        connection = Connection(
            self.server, user=user or None, password=password or None, client_strategy=self.strategy,
            receive_timeout=SECONDS, read_only=True, check_names=False, raise_exceptions=False, auto_bind=False,
        )  # fmt: skip
        try:
            if self.settings.get("start_tls") and not connection.start_tls():
                raise DirectoryDown
            if not connection.bind():
                raise LDAPBindError(str(connection.result.get("description", "")))
            yield connection
        finally:
            if connection.bound:
                connection.unbind()

    def _find(self, condition: str, limit: int = LIMIT) -> list[tuple[str, Person]]:
        """(dn, person) of a filter, by the service account."""
        narrowed = f"(&{self.settings['filter']}{condition})"
        try:
            with self._bound(self.settings["bind_dn"], self.settings["bind_password"]) as connection:
                connection.search(
                    self.settings["base"], narrowed, SUBTREE, attributes=self.attributes, size_limit=limit,
                    time_limit=SECONDS,
                )  # fmt: skip
                if connection.result["description"] not in ("success", "sizeLimitExceeded"):
                    raise DirectoryDown
                entries = [e for e in connection.response if e.get("type") == "searchResEntry"]
        except (LDAPException, OSError) as error:
            # Also when the service account is refused: that is the operator's to mend, nobody's password is wrong.
            raise DirectoryDown from error
        people = [(entry["dn"], self._person(entry["raw_attributes"])) for entry in entries]
        return [(dn, person) for dn, person in people if person is not None]

    def _by_identity(self, external_id: str) -> str:
        """The filter for one id; objectGUID is compared by its bytes."""
        name = self.settings["external_id"]
        if name.lower() == "objectguid":
            try:
                return f"({name}={escape_bytes(uuid.UUID(external_id).bytes_le)})"
            except ValueError:
                return "(!(objectClass=*))"
        return f"({name}={escape_filter_chars(external_id)})"

    def _person(self, raw: dict[str, Any]) -> Person | None:
        login, external_id = _text(raw, self.settings["login"]), _identity(raw, self.settings["external_id"])
        if not login or not external_id:
            return None
        last, first, middle = _names(raw)
        return Person(
            external_id=external_id,
            login=login,
            last_name=last or login,
            first_name=first,
            middle_name=middle,
            position=_text(raw, "title"),
            email=_text(raw, "mail"),
            phone=_text(raw, "telephoneNumber"),
            is_active=_is_active(raw),
        )

    def search(self, name: str) -> list[Person]:
        words = [escape_filter_chars(word) for word in name.split()]
        each = "".join(f"(|(sn={w}*)(givenName={w}*)(middleName={w}*)(cn=*{w}*)(displayName=*{w}*))" for w in words)
        if not each:
            return []
        people = [person for _dn, person in self._find(f"(&{each})")]
        return sorted(people, key=lambda p: (not p.is_active, p.full_name))[:LIMIT]

    def get(self, external_id: str) -> Person | None:
        found = self._find(self._by_identity(external_id), limit=2)
        return found[0][1] if len(found) == 1 else None

    def check_password(self, login: str, password: str) -> Person | None:
        found = self._find(f"({self.settings['login']}={escape_filter_chars(login)})", limit=2)
        # An unknown login binds as well, so that it takes as long. An empty password would be an anonymous bind.
        dn, person = found[0] if len(found) == 1 else (f"{NOBODY},{self.settings['base']}", None)
        if not password:
            return None
        try:
            with self._bound(dn, password):
                return person
        except LDAPBindError:
            return None
        except (LDAPException, OSError) as error:
            raise DirectoryDown from error

    def inactive_among(self, external_ids: list[str]) -> set[str]:
        """Those whose entry is gone or disabled. One search per hundred."""
        left: set[str] = set()
        for start in range(0, len(external_ids), 100):
            part = external_ids[start : start + 100]
            any_of = "".join(self._by_identity(pk) for pk in part)
            active = {p.external_id for _dn, p in self._find(f"(|{any_of})", limit=200) if p.is_active}
            left |= set(part) - active
        return left


def _server(settings: dict[str, Any]) -> Server:
    parse_dn(settings["base"])  # a typing error in the settings is told at once
    tls = Tls(validate=ssl.CERT_REQUIRED, ca_certs_file=settings.get("ca_file") or None)
    return Server(settings["url"], get_info=NONE, tls=tls, connect_timeout=SECONDS)


def _text(raw: dict[str, Any], name: str) -> str:
    value = raw.get(name)
    value = value[0] if isinstance(value, list | tuple) and value else value
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    return str(value).strip() if value not in (None, [], ()) else ""


def _identity(raw: dict[str, Any], name: str) -> str:
    """The unchanging id: text, or the 16 bytes of objectGUID as a UUID."""
    value = raw.get(name)
    value = value[0] if isinstance(value, list | tuple) and value else value
    if isinstance(value, bytes) and len(value) == 16:
        return str(uuid.UUID(bytes_le=value))
    return _text(raw, name).strip("{}")


def _names(raw: dict[str, Any]) -> tuple[str, str, str]:
    """Surname, name, patronymic: sn and givenName, else the words of the display name («Фамилия Имя Отчество»)."""
    words = (_text(raw, "displayName") or _text(raw, "cn")).split()
    last, first = _text(raw, "sn"), _text(raw, "givenName")
    middle = _text(raw, "middleName")
    if not middle and len(words) == 3 and words[0] == last:
        middle = words[2]
    if not first and len(words) >= 2:
        first = words[1] if words[0] == last else words[0]
    given = first.split()
    if len(given) == 2 and not middle:
        first, middle = given
    return last or (words[0] if words else ""), first, middle


def _is_active(raw: dict[str, Any]) -> bool:
    control = _text(raw, "userAccountControl")
    if control.isdigit() and int(control) & _DISABLED:
        return False
    return _text(raw, "nsAccountLock").lower() != "true" and not _text(raw, "pwdAccountLockedTime")
