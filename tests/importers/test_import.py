"""The importer against the database: what a record does to its card, what a run reports (contracts: commands)."""

from __future__ import annotations

import json
from datetime import date, timedelta
from io import StringIO
from random import Random

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from clients.importers.run import import_paths
from clients.models import Client, ClientBranch, ImportBatch, ImportFile, ImportReject
from core import faults
from core.models import JournalEntry
from tests.importers import registry_files as files
from tests.importers.directory import card, content, counts, load, load_subjects, row_versions

pytestmark = pytest.mark.django_db


@pytest.fixture
def one():
    return files.legal(Random(11), region="39", name='ОБЩЕСТВО "ПРИМЕР"', short='ООО "ПРИМЕР"', founders=1)


@pytest.fixture
def person():
    return files.entrepreneur(Random(12), region="39", name="ВЫМЫСЛОВ ГЛЕБ ЕГОРОВИЧ")


# --- a card ----------------------------------------------------------------------------------------------------------


@pytest.mark.rows("R0.5")
def test_a_new_organisation_becomes_a_card(tmp_path, one, person):
    assert load(tmp_path, {"ul.xml": files.file_of([one]), "ip.xml": files.file_of([person])}) == counts(new=2, files=2)
    client = card(one)
    assert (client.kind, client.inn, client.kpp, client.region_code) == ("legal", one.inn, one.kpp, "39")
    assert (client.name, client.name_norm, client.city) == ("Пример, ООО", "пример ооо", "Образцовск")
    assert (client.registered_on, client.as_of, client.record_as_of) == (one.registered, one.as_of, one.recorded)
    assert (client.details.full_name, client.details.short_name) == ('ОБЩЕСТВО "ПРИМЕР"', 'ООО "ПРИМЕР"')
    assert client.details.address == "236000, область Примерная, г. Образцовск, ул. Вымышленная, д. 16, офис 8"
    assert client.details.founders[0]["percent"] == "50"
    assert not client.is_flagged
    assert card(person).name == "Вымыслов Глеб Егорович, ИП"
    assert client.prospect_state == "none" and client.salespoint_id is None


def test_what_breaks_a_form_is_kept_and_flagged(tmp_path):
    """Decision 15: nothing of a register is dropped for a check digit, nor for a lower-case КПП."""
    bad_inn = files.legal(Random(1), inn="3900000001")
    odd_kpp = files.legal(Random(2), kpp="39060a001")
    long_inn = files.legal(Random(3), inn="1234567890123")
    early_end = files.legal(Random(4))
    early_end = early_end.later(1, ceased=early_end.registered - timedelta(5))
    good = files.legal(Random(5))
    assert load_subjects(tmp_path, bad_inn, odd_kpp, long_inn, early_end, good) == counts(new=5)
    flagged = {c.ogrn: c.is_flagged for c in Client.objects.all()}
    assert flagged == {s.ogrn: True for s in (bad_inn, odd_kpp, long_inn, early_end)} | {good.ogrn: False}
    assert (card(bad_inn).inn, card(odd_kpp).kpp) == ("3900000001", "39060a001")


def test_inn_and_kpp_may_be_absent_or_repeat(tmp_path, one):
    """Decision 14: cards are unique by ОГРН alone."""
    twin = files.legal(Random(99), inn=one.inn, kpp=one.kpp)
    nameless = [files.legal(Random(i), inn="", kpp="") for i in (1, 2)]
    assert load_subjects(tmp_path, one, twin, *nameless) == counts(new=4)
    assert Client.objects.filter(inn=one.inn).count() == 2


def test_long_values_are_cut_to_their_columns(tmp_path):
    one = files.legal(
        Random(1), name="Д" * 1500, short="", director="Ж" * 400, okved="1" * 30, extra={"ПолнНаимОПФ": "О" * 300}
    )
    assert load_subjects(tmp_path, one) == counts(new=1)
    assert len(card(one).name) == 300
    assert len(card(one).details.full_name) == 1500


@pytest.mark.rows("R0.5")
def test_branches_are_rows_of_the_head_and_follow_it(tmp_path, one):
    with_branches = one.later(0, branches=3)
    load_subjects(tmp_path, with_branches)
    assert list(ClientBranch.objects.values_list("kpp", flat=True)) == ["770043001", "770143001", "770243001"]
    load_subjects(tmp_path, one.later(1, branches=1))
    assert list(ClientBranch.objects.values_list("kpp", flat=True)) == ["770043001"]
    load_subjects(tmp_path, one.later(2, branches=0))
    assert not ClientBranch.objects.exists()


# --- versions --------------------------------------------------------------------------------------------------------


def test_the_newer_record_wins_and_the_older_does_nothing(tmp_path, one):
    newer, older = one.later(5, short='ООО "НОВОЕ"'), one.later(-5, short='ООО "СТАРОЕ"')
    load_subjects(tmp_path, one)
    assert load_subjects(tmp_path, newer) == counts(changed=1)
    before = row_versions()
    assert load_subjects(tmp_path, older) == counts(unchanged=1)
    assert row_versions() == before
    assert (card(one).name, card(one).as_of) == ("Новое, ООО", newer.as_of)


def test_within_one_day_the_greatest_entry_decides(tmp_path, one):
    load_subjects(tmp_path, one)
    same_day = one.later(0, recorded=one.recorded + timedelta(1), short='ООО "ПОЗЖЕ"')
    assert load_subjects(tmp_path, same_day) == counts(changed=1)
    earlier_entry = one.later(0, short='ООО "РАНЬШЕ"', recorded=one.recorded - timedelta(1))
    assert load_subjects(tmp_path, earlier_entry) == counts(unchanged=1)
    assert card(one).name == "Позже, ООО"


@pytest.mark.rows("R0.4")
def test_ceased_stays_ceased_and_restored_comes_back(tmp_path, one):
    load_subjects(tmp_path, one)
    ended = one.ended(3)
    assert load_subjects(tmp_path, ended) == counts(ceased=1)
    assert (card(one).ceased_on, card(one).state_code, card(one).is_ceased) == (ended.ceased, "201", True)
    assert load_subjects(tmp_path, ended.later(1, states=("203",))) == counts(changed=1)
    restored = ended.later(9, ceased=None, states=())
    assert load_subjects(tmp_path, restored) == counts(changed=1)
    assert (card(one).ceased_on, card(one).state_code) == (None, "")
    assert card(one).details.ceased_text == ""


def test_a_ceased_subject_never_seen_is_new(tmp_path, one):
    assert load_subjects(tmp_path, one.ended()) == counts(new=1)


@pytest.mark.parametrize("size", [1, 2, 5000])
def test_one_subject_several_times_in_a_file(tmp_path, one, size):
    """Records act one after another, however the file is cut into batches."""
    history = [one, one.later(2), one.later(1), one.ended(3), one.ended(3), one.later(9, ceased=None)]
    assert load_subjects(tmp_path, *history, size=size) == counts(new=1, changed=2, ceased=1, unchanged=2)
    assert card(one).as_of == one.later(9).as_of
    assert Client.objects.count() == 1


def test_people_who_work_with_a_client_learn_that_it_ceased(tmp_path, one, manager):
    load_subjects(tmp_path, one, files.legal(Random(5)))
    client = card(one)
    Client.objects.filter(pk=client.pk).update(salespoint=manager.salespoint)
    load_subjects(tmp_path, one.ended(3), files.legal(Random(5)).ended(3))
    load_subjects(tmp_path, one.later(9))
    codes = JournalEntry.objects.filter(code__in=["client.ceased", "client.restored"]).order_by("id")
    assert list(codes.values_list("code", "client_id", "source", "by_id")) == [
        ("client.ceased", client.pk, "import", None),
        ("client.restored", client.pk, "import", None),
    ]


@pytest.mark.rows("R0.4")
def test_people_who_work_with_a_client_learn_of_its_new_name(tmp_path, one, manager, signed_in):
    load_subjects(tmp_path, one)
    client = card(one)
    load_subjects(tmp_path, one.later(1, short='ООО "НИЧЬЕ"'))
    assert not JournalEntry.objects.filter(code="client.renamed").exists()  # nobody works with it: on the card alone
    html = signed_in(manager).get(f"/clients/{client.pk}/").content.decode()
    assert "Ничье, ООО" in html and f"по реестру на {card(one).as_of:%d.%m.%Y}" in html
    Client.objects.filter(pk=client.pk).update(salespoint=manager.salespoint)
    load_subjects(tmp_path, one.later(5, short='ООО "НОВОЕ"'))
    load_subjects(tmp_path, one.later(5, short='ООО "НОВОЕ"'))
    (entry,) = JournalEntry.objects.filter(code="client.renamed")
    assert entry.data["value"] == ["Ничье, ООО", "Новое, ООО"]
    html = signed_in(manager).get(f"/clients/{client.pk}/").content.decode()
    assert (
        "Переименована в реестре: Ничье, ООО → Новое, ООО" in html
        and f"по реестру на {card(one).as_of:%d.%m.%Y}" in html
    )


def test_what_people_wrote_is_kept(tmp_path, one, manager):
    load_subjects(tmp_path, one)
    Client.objects.filter(ogrn=one.ogrn).update(
        salespoint=manager.salespoint, manager=manager, prospect_state="invited", has_phone=True
    )
    card(one).details.__class__.objects.filter(client__ogrn=one.ogrn).update(site="example.org", actual_address="Там")
    load_subjects(tmp_path, one.later(5, short='ООО "НОВОЕ"'))
    client = card(one)
    assert (client.manager_id, client.prospect_state, client.has_phone) == (manager.pk, "invited", True)
    assert (client.details.site, client.details.actual_address, client.name) == ("example.org", "Там", "Новое, ООО")


# --- the small-business register -------------------------------------------------------------------------------------


def test_small_business_creates_what_is_missing(tmp_path, one, person):
    assert load(tmp_path, {"m.xml": files.msp_file([one, person], category="2", employees=7)}) == counts(new=2)
    client = card(one)
    assert (client.name, client.region_code, client.as_of) == ("Пример, ООО", "39", None)
    details = client.details
    assert (details.is_small_business, details.msp_category, details.employees) == (True, "small", 7)
    assert details.msp_as_of == one.as_of


def test_small_business_writes_only_its_own_fields_on_others(tmp_path, one):
    load_subjects(tmp_path, one)
    before = card(one)
    renamed = one.later(30, short='ООО "ИНОЕ"', okved="01.11.1", region="77")
    assert load(tmp_path, {"m.xml": files.msp_file([renamed], category="1")}) == counts(changed=1)
    after = card(one)
    assert (after.name, after.okved, after.region_code, after.as_of) == (before.name, before.okved, "39", one.as_of)
    assert (after.details.msp_category, after.details.address) == ("micro", before.details.address)


def test_small_business_without_ogrn_finds_cards_by_inn(tmp_path, one, person):
    load(tmp_path, {"ul.xml": files.file_of([one]), "ip.xml": files.file_of([person])})
    stranger = files.entrepreneur(Random(77))
    old = files.msp_file([one, person, stranger], version="4.01", with_ogrn=False)
    assert load(tmp_path, {"m.xml": old}) == counts(changed=2, new=1)
    assert card(one).details.is_small_business and card(person).details.is_small_business
    assert Client.objects.get(inn=stranger.inn).ogrn is None


def test_a_card_known_by_inn_alone_gets_its_ogrn(tmp_path, one, person):
    load(tmp_path, {"m.xml": files.msp_file([one, person], version="4.01", with_ogrn=False)})
    ids = set(Client.objects.values_list("pk", flat=True))
    loaded = load(tmp_path, {"ul.xml": files.file_of([one]), "ip.xml": files.file_of([person])})
    assert loaded == counts(changed=2, files=2)
    assert {card(one).pk, card(person).pk} == ids
    assert card(one).details.is_small_business and card(one).kpp == one.kpp


def test_a_card_typed_by_hand_becomes_a_register_card(tmp_path, one):
    typed = Client.objects.create(kind="legal", inn=one.inn, kpp=one.kpp, name="Как набрали", name_norm="как набрали")
    branch = Client.objects.create(kind="legal", inn=one.inn, kpp="770143001", name="Филиал", name_norm="филиал")
    assert load_subjects(tmp_path, one) == counts(changed=1)
    assert card(one).pk == typed.pk
    branch.refresh_from_db()
    assert (branch.ogrn, branch.name) == (None, "Филиал")


def test_private_persons_are_never_touched(tmp_path, person):
    """A ФЛ has the ИНН of the entrepreneur he is: two cards, linked by D2."""
    private = Client.objects.create(kind="person", inn=person.inn, name="Вымыслов Глеб", name_norm="вымыслов глеб")
    load_subjects(tmp_path, person)
    load(tmp_path, {"m.xml": files.msp_file([person], with_ogrn=False)})
    private.refresh_from_db()
    assert (private.ogrn, private.name, private.kind) == (None, "Вымыслов Глеб", "person")
    assert Client.objects.filter(inn=person.inn).count() == 2


def test_a_ceased_entrepreneur_takes_no_card_typed_by_hand(tmp_path, person):
    typed = Client.objects.create(kind="entrepreneur", inn=person.inn, name="Набран", name_norm="набран")
    again = files.entrepreneur(Random(5), inn=person.inn)
    load_subjects(tmp_path, person.ended())
    typed.refresh_from_db()
    assert typed.ogrn is None
    load_subjects(tmp_path, again)
    assert card(again).pk == typed.pk


def test_small_business_stays_with_the_living_card_of_an_inn(tmp_path, person):
    again = files.entrepreneur(Random(5), inn=person.inn, registered=person.registered + timedelta(900))
    load_subjects(tmp_path, person)
    load(tmp_path, {"m.xml": files.msp_file([person], with_ogrn=False, category="3")})
    assert card(person).details.msp_category == "medium"
    load_subjects(tmp_path, person.ended(2), again)
    assert (card(person).details.msp_category, card(again).details.msp_category) == ("", "medium")
    assert card(person).details.msp_as_of is None


def test_two_ogrn_of_one_inn_in_small_business_settle_at_once(tmp_path, person):
    other = files.entrepreneur(Random(5), inn=person.inn, as_of=person.as_of)
    members = {"m.xml": files.msp_file([person, other])}
    assert load(tmp_path, members) == counts(new=2)
    before = row_versions()
    again = {"m.xml": files.msp_file([other, person])}
    assert load(tmp_path, again) == counts(unchanged=2)
    assert row_versions() == before


# --- runs ------------------------------------------------------------------------------------------------------------


@pytest.mark.rows("R0.4")
def test_a_second_run_over_the_same_input_changes_nothing(tmp_path, one, person):
    members = {"ul.xml": files.file_of([one, one.later(2)]), "z.zip": files.zipped({"a/ip.xml": files.file_of([person])}),
               "m.xml": files.msp_file([one])}  # fmt: skip
    folder = files.write(tmp_path / "in", members)
    first = import_paths([folder])
    before = row_versions()
    second = import_paths([folder])
    assert (first.read, first.new, first.changed) == (4, 2, 2)
    assert (second.read, second.unchanged, second.new, second.changed, second.ceased) == (4, 4, 0, 0, 0)
    assert (second.files, second.repeated_files) == (3, 3)
    assert row_versions() == before


def test_the_same_records_in_another_file_write_nothing(tmp_path):
    """Not only the manifest: every record is compared by its version."""
    subjects = [files.legal(Random(i), branches=i % 2) for i in range(20)]
    load_subjects(tmp_path, *subjects)
    before = row_versions()
    assert load_subjects(tmp_path, *reversed(subjects)) == counts(unchanged=20)
    assert row_versions() == before


def test_the_same_content_under_another_name_is_known(tmp_path, one):
    content = files.file_of([one])
    load(tmp_path, {"a.xml": content})
    assert load(tmp_path, {"b.xml": content, "c.zip": files.zipped({"x.xml": content})}) == counts(unchanged=2, files=2)
    assert ImportFile.objects.filter(is_archive=False).count() == 1


def test_a_broken_file_is_refused_alone(tmp_path, one, person):
    broken = files.file_of([files.legal(Random(i)) for i in range(5)])[:-200]
    loaded = load(tmp_path, {"a.xml": files.file_of([one]), "b.xml": broken, "c.xml": files.file_of([person])})
    assert loaded == counts(new=2, files=3, failed_files=1)
    row = ImportFile.objects.get(name="b.xml")
    assert (row.state, row.read) == ("failed", 0)
    assert "поврежден" in row.reason


def test_a_mended_file_goes_in_and_a_failed_one_is_tried_again(tmp_path, one):
    folder = files.write(tmp_path / "in", {"a.xml": files.file_of([one])[:-10]})
    assert import_paths([folder]).failed_files == 1
    assert import_paths([folder]).failed_files == 1
    files.write(folder, {"a.xml": files.file_of([one])})
    assert import_paths([folder]).new == 1


def test_a_broken_member_of_an_archive_costs_only_itself(tmp_path, one):
    members = {"a.xml": files.file_of([one]), "b.xml": b"<x/>", "c/d.xml": files.file_of([files.legal(Random(3))])}
    archive = {"z.zip": files.zipped(members)}
    assert load(tmp_path, archive) == counts(new=2, files=3, failed_files=1)
    assert load(tmp_path, archive) == counts(unchanged=2, files=3, failed_files=1)


def test_an_archive_that_does_not_open_is_one_failed_file(tmp_path, one):
    whole = files.zipped({"a.xml": files.file_of([one])})
    assert load(tmp_path, {"z.zip": whole[: len(whole) // 2], "a.xml": files.file_of([one])}) == counts(
        new=1, files=2, failed_files=1
    )


@pytest.mark.rows("R0.4")
def test_refused_records_are_kept_with_their_reasons(tmp_path, one):
    bad = files.legal(Random(2), extra={"ДатаВып": "2025-13-01"})
    assert load_subjects(tmp_path, one, bad) == counts(new=1, rejected=1)
    reject = ImportReject.objects.get()
    assert (reject.seq, reject.ogrn, reject.inn, reject.reason) == (
        2,
        bad.ogrn,
        bad.inn,
        "Неверная дата «ДатаВып»: 2025-13-01",
    )
    assert load_subjects(tmp_path, one, bad) == counts(unchanged=1, rejected=1)
    assert ImportReject.objects.count() == 1


def test_the_source_refuses_files_of_other_registers(tmp_path, one, person):
    members = {"a.xml": files.file_of([one]), "b.xml": files.file_of([person]), "c.xml": files.msp_file([one])}
    assert load(tmp_path, members, source="egrul") == counts(new=1, files=3, failed_files=2)
    assert load(tmp_path, members) == counts(new=1, changed=1, unchanged=1, files=3)


def test_a_run_that_breaks_is_marked_and_the_next_goes_on(tmp_path):
    """The fault comes between two batches; nothing is lost or done twice."""
    subjects = [files.legal(Random(i)) for i in range(10)]
    folder = files.write(tmp_path / "in", {"a.xml": files.file_of(subjects)})
    passes = iter(range(10))

    def fail():
        if next(passes) == 1:
            raise RuntimeError("power cut")

    with faults.at("import.batch.before_commit", fail), pytest.raises(RuntimeError):
        import_paths([folder], size=4)
    broken = ImportBatch.objects.get()
    assert (broken.state, broken.read, Client.objects.count()) == ("failed", 4, 4)
    assert ImportFile.objects.get().checkpoint == 4
    rest = import_paths([folder], size=4)
    assert (rest.read, rest.new, rest.unchanged, rest.files) == (10, 6, 4, 1)
    assert ImportFile.objects.get().new == 10


def test_without_the_checkpoint_the_counts_would_lie(tmp_path):
    """The control: an importer that remembers nothing counts what is there already as its own reading."""
    subjects = [files.legal(Random(i)) for i in range(6)]
    folder = files.write(tmp_path / "in", {"a.xml": files.file_of(subjects)})
    passes = iter(range(10))

    def fail():
        if next(passes) == 1:
            raise RuntimeError("power cut")

    with faults.at("import.batch.before_commit", fail), pytest.raises(RuntimeError):
        import_paths([folder], size=3)
    with faults.without_protection("import.checkpoint"):
        rest = import_paths([folder], size=3)
    assert rest.read != 6


def test_progress_is_told_and_may_stop_the_run(tmp_path):
    folder = files.write(tmp_path / "in", {f"{i}.xml": files.file_of([files.legal(Random(i))]) for i in range(5)})
    told = []
    import_paths([folder], progress=lambda batch: told.append(batch.bytes_done))
    assert told == sorted(told) and told[-1] == ImportBatch.objects.get().bytes_total

    def stop(batch):
        raise KeyboardInterrupt

    files.write(folder, {"6.xml": files.file_of([files.legal(Random(6))])})
    with pytest.raises(KeyboardInterrupt):
        import_paths([folder], progress=stop)
    assert ImportBatch.objects.latest("pk").state == "failed"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("point", ["import.batch.merged", "import.batch.before_commit", "import.batch.after_commit"])
def test_a_lost_connection_costs_nothing(tmp_path, point, monkeypatch):
    """PostgreSQL ends the session, and with it the staging table: the file is staged again from its start (F9)."""
    monkeypatch.setattr("clients.importers.run.time.sleep", lambda seconds: None)
    monkeypatch.setattr("clients.importers.run.VACUUM_FROM", 5)
    subjects = [files.legal(Random(i)) for i in range(10)]
    folder = files.write(tmp_path / "in", {"a.xml": files.file_of(subjects), "b.xml": files.msp_file(subjects[:2])})
    passes = iter(range(100))

    def end_session():
        if next(passes) == 1:
            with psycopg.connect(**session_of(connection), autocommit=True) as other:
                other.execute("SELECT pg_terminate_backend(%s)", [connection.connection.info.backend_pid])

    with faults.at(point, end_session):
        batch = import_paths([folder], size=4)
    assert (batch.read, batch.new, batch.changed, batch.files, batch.state) == (12, 10, 2, 2, "done")
    assert Client.objects.count() == 10


def session_of(wrapper) -> dict:
    """How to reach the same database once more."""
    told = wrapper.get_connection_params()
    return {name: told[name] for name in ("host", "port", "user", "password", "dbname") if name in told}


# --- the command -----------------------------------------------------------------------------------------------------


def run_command(*arguments: str) -> tuple[dict[str, int], int]:
    out, code = StringIO(), 0
    try:
        call_command("import_registry", *arguments, stdout=out, stderr=StringIO())
    except CommandError as error:
        code = error.returncode
    return json.loads(out.getvalue().splitlines()[-1]), code


def test_the_last_line_is_the_report(tmp_path, one):
    files.write(tmp_path, {"a.xml": files.file_of([one]), "b.xml": b"<broken"})
    assert run_command(str(tmp_path)) == (counts(new=1, files=2, failed_files=1), 0)
    assert list(run_command(str(tmp_path))[0]) == [
        "read", "new", "changed", "ceased", "unchanged", "rejected", "files", "failed_files",
    ]  # fmt: skip


def test_exit_code_when_nothing_could_be_read(tmp_path):
    assert run_command(str(tmp_path / "none")) == (counts(files=0), 2)
    assert run_command(str(tmp_path)) == (counts(files=0), 2)
    files.write(tmp_path, {"a.xml": b"<broken"})
    assert run_command(str(tmp_path / "a.xml")) == (counts(files=1, failed_files=1), 2)
    files.write(tmp_path, {"b.xml": files.file_of([])})
    assert run_command(str(tmp_path)) == (counts(files=2, failed_files=1), 0)


def test_the_source_is_one_of_three(tmp_path):
    with pytest.raises(CommandError):
        call_command("import_registry", str(tmp_path), "--source", "other", stdout=StringIO(), stderr=StringIO())


def test_everything_counted_adds_up(tmp_path):
    rng = Random(8)
    subjects = [files.subject(rng) for _ in range(30)]
    members = {
        "ul.xml": files.file_of([s for s in subjects if s.kind == "legal"]),
        "ip.xml": files.file_of([s for s in subjects if s.kind != "legal"] + [files.entrepreneur(rng, ogrn="1")]),
    }
    loaded = load(tmp_path, members)
    assert loaded["read"] == 31 == sum(loaded[name] for name in ("new", "changed", "ceased", "unchanged", "rejected"))
    assert len(content()) == 30
    assert ImportBatch.objects.get().finished_at is not None
    assert date(2025, 1, 1) < Client.objects.order_by("as_of").first().as_of
