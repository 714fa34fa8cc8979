"""What the child of `./run` that prepares the database says when it cannot."""

import psycopg
import pytest
from django.db import OperationalError

from dev import prepare


@pytest.mark.parametrize(
    "words", ["could not extend file: No space left on device", "could not extend file: wrote only 4096 of 8192 bytes"]
)
def test_a_full_disk_is_known_by_its_code(monkeypatch, capsys, words):
    def full() -> None:
        try:
            raise psycopg.errors.DiskFull(words)
        except psycopg.Error as error:
            raise OperationalError(words) from error

    monkeypatch.setattr(prepare, "check_database", full)
    assert prepare.main() == 1
    assert "The disk is full: free some space and start again." in capsys.readouterr().err
