"""The directory of the accounting system: who may be hired, and whose password is right (R1.15, R1.25).

An adapter finds people and checks passwords; the program never stores a password that the directory keeps.
`current()` gives the adapter of the settings.
"""

from __future__ import annotations

from django.conf import settings

from .base import Directory, DirectoryDown, Person

__all__ = ["Directory", "DirectoryDown", "Person", "current"]


def current() -> Directory:
    """The adapter named by SBILLING_DIRECTORY; ValueError for a name that is none."""
    if settings.DIRECTORY == "builtin":
        from .builtin import BuiltinDirectory

        return BuiltinDirectory()
    if settings.DIRECTORY == "ldap":
        from .ldap import LdapDirectory

        return LdapDirectory(settings.LDAP)
    raise ValueError(f"SBILLING_DIRECTORY: {settings.DIRECTORY!r} is neither builtin nor ldap.")
