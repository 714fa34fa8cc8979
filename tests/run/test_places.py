"""Directories under guessable names, and socket paths of at most 107 bytes."""

import pytest

from dev import places
from dev.console import Stop


def test_own_directory_is_made_and_found_again(tmp_path):
    path = places.own_directory(tmp_path / "a" / "b", 0o700)
    assert path.stat().st_mode & 0o777 == 0o700
    assert places.own_directory(path, 0o711).stat().st_mode & 0o777 == 0o711


def test_link_is_refused(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(Stop, match="is not ours"):
        places.own_directory(tmp_path / "link", 0o700)


def test_directory_of_another_user_is_refused(tmp_path, monkeypatch):
    path = places.own_directory(tmp_path / "taken", 0o700)
    owner = path.stat().st_uid
    monkeypatch.setattr(places.os, "geteuid", lambda: owner + 1)
    with pytest.raises(Stop, match="belongs to another user"):
        places.own_directory(path, 0o700)


def test_file_in_the_way(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(Stop, match="SBILLING_STATE"):
        places.own_directory(tmp_path / "file" / "state", 0o700)


def test_sockets_fit_whatever_the_checkout_is_called():
    longest = places.SOCKETS / "t3-postgres" / ".s.PGSQL.5432"
    assert len(bytes(longest)) < 104


def test_place_that_cannot_be_written():
    """A read-only checkout, among others."""
    with pytest.raises(Stop, match=r"cannot make the directory /proc/none .*SBILLING_STATE=… names another place"):
        places.own_directory(places.Path("/proc/none"), 0o700)
