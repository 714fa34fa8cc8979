"""Mutated statements, register files and uploads in a small number; `./run chaos hostile` has the long form (T7)."""

import pytest

from tests.chaos import hostile_chaos, hostile_statements

SEED = 20261124


def test_mutated_statements_give_a_result_or_the_typed_error():
    wrong, told = hostile_statements.read_all(600, SEED)
    assert wrong == 0
    assert told["documents"] > 100
    assert told["refused"] > 10


def test_mutated_register_files_give_records_or_the_typed_error():
    wrong, told = hostile_chaos.read_registers(150, SEED)
    assert wrong == 0
    assert told["records"] > 5
    assert told["refused"] > 20


@pytest.mark.django_db
def test_mutated_statements_are_imported_once_and_add_up():
    wrong, told = hostile_statements.import_all(25, SEED)
    assert wrong == 0
    assert told["new"] > 5


@pytest.mark.django_db
def test_hostile_uploads_are_never_a_broken_page():
    wrong, _told = hostile_chaos.upload_all(20, SEED)
    assert wrong == 0
