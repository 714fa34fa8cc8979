"""Notes, calls, tasks, the next contact, history; prospects that go silent; relations."""

from datetime import date, timedelta

import pytest

from accounts.models import CallLog, NextContact, Note, Task
from accounts.services import work
from clients.models import Client, ClientSignal, SignalFrequency, SignalQueue
from clients.selectors import relations
from clients.services import (
    client_accounts_set,
    client_activity_mark,
    client_bind,
    client_transfer,
    frequencies_rewrite,
    phone_add,
    queue_take,
)
from clients.services.contacts import Contact, contact_add, contact_remove, phone_remove
from core.errors import Conflict, DomainError
from core.jobs import get
from core.jobs.scheduling import run_by_hand
from core.models import JournalEntry
from tests import factories as make

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 23)


@pytest.fixture(autouse=True)
def day(clock_at):
    clock_at(TODAY)


@pytest.fixture
def mine(manager):
    client = make.ClientFactory(name="Ресурс, ООО")
    make.bound(client, manager)
    return client


# --- calls, notes, tasks ---


@pytest.mark.rows("R2.21", "R2.51", "R2.52", "R2.53")
def test_a_call_is_logged_with_its_person_and_the_next_date(signed_in, manager, mine):
    link = contact_add(
        client_id=mine.pk, contact=Contact("Счетова Анна", phone="+74957120002", role="accountant"), by=manager
    )
    page = signed_in(manager)
    form = {"result": "agreed", "person": link.pk, "comment": "ждет ссылку", "next_on": "25.11.2026", "topic": "main"}
    assert page.post(f"/clients/{mine.pk}/calls/add/", form).status_code == 302
    call = CallLog.objects.get()
    assert (call.person, call.result, call.by) == (link.person, "agreed", manager)
    mine.refresh_from_db()
    assert (mine.work_state, mine.next_contact_on, NextContact.objects.get().on) == (
        "agreed",
        date(2026, 11, 25),
        date(2026, 11, 25),
    )
    assert page.post(f"/clients/{mine.pk}/calls/add/", {**form, "next_on": "20.11.2026"}).status_code == 422
    assert CallLog.objects.count() == 1
    html = page.get(f"/clients/{mine.pk}/history/?kind=calls").content.decode()
    assert "согласие получено, Счетова Анна" in html and "ждет ссылку" in html


def test_a_later_call_never_lowers_the_work_state(manager, mine):
    work.call_log(client_id=mine.pk, result="agreed", by=manager, on=TODAY)
    work.call_log(client_id=mine.pk, result="talked", by=manager, on=TODAY)
    mine.refresh_from_db()
    assert mine.work_state == "agreed"
    other = make.ClientFactory()
    make.bound(other, manager)
    work.call_log(client_id=other.pk, result="no_answer", by=manager, on=TODAY)
    other.refresh_from_db()
    assert other.work_state == "new"


def test_next_contacts_are_filtered_and_sorted_in_lists(signed_in, manager, mine):
    work.next_contact_set(client_id=mine.pk, next_on=TODAY, by=manager, on=TODAY)
    other = make.ClientFactory()
    make.bound(other, manager)
    page = signed_in(manager)
    assert f'data-id="{mine.pk}"' in page.get("/clients/?contact=today").content.decode()
    assert f'data-id="{other.pk}"' in page.get("/clients/?contact=no&resp=me").content.decode()
    html = page.get("/clients/?resp=me&sort=contact").content.decode()
    assert html.index(f'data-id="{mine.pk}"') < html.index(f'data-id="{other.pk}"')
    page.post(f"/clients/{mine.pk}/next-contact/", {"next_on": "", "topic": "main"})
    mine.refresh_from_db()
    assert mine.next_contact_on.year == 9999


@pytest.mark.parametrize(("day", "sentence"), [("2025-01-01", "уже прошла"), ("2999-01-01", "Проверьте год")])
def test_a_next_contact_in_a_wrong_year_is_refused(signed_in, manager, mine, day, sentence):
    answer = signed_in(manager).post(f"/clients/{mine.pk}/next-contact/", {"next_on": day, "topic": "main"})
    assert answer.status_code == 422 and sentence in answer.content.decode()
    assert not NextContact.objects.exists()


def test_notes_stand_in_history_and_a_pinned_one_above(signed_in, manager, mine):
    page = signed_in(manager)
    page.post(f"/clients/{mine.pk}/notes/add/", {"text": "решает главбух"})
    page.post(f"/clients/{mine.pk}/notes/add/", {"text": "звонить после обеда", "is_pinned": "on"})
    html = page.get(f"/clients/{mine.pk}/history/?kind=notes").content.decode()
    assert "решает главбух" in html and html.index("звонить после обеда") < html.index("решает главбух")
    work.note_pin(note_id=Note.objects.get(is_pinned=True).pk, is_pinned=False, by=manager)
    assert not Note.objects.filter(is_pinned=True).exists()
    with pytest.raises(DomainError):
        work.note_add(client_id=mine.pk, text="  ", by=manager)


def test_a_note_is_pinned_on_the_card_and_taken_down_again(signed_in, manager, colleague, stranger, mine):
    first, second = (work.note_add(client_id=mine.pk, text=text, by=manager) for text in ("первая", "вторая"))
    page, url = signed_in(manager), f"/clients/{mine.pk}/notes"
    assert f"{url}/{first.pk}/pin/" in page.get(f"/clients/{mine.pk}/").content.decode()
    assert page.post(f"{url}/{first.pk}/pin/", {"pin": "1"}).status_code == 302
    answer = page.post(f"{url}/{second.pk}/pin/", {"pin": "1"}, headers={"HX-Request": "true"})
    assert f"{url}/{first.pk}/pin/?pin=1" in answer["HX-Trigger"]  # «Отменить» pins the one before
    assert list(Note.objects.filter(is_pinned=True)) == [second]
    history = page.get(f"/clients/{mine.pk}/history/").content.decode()
    assert history.count("Открепить заметку") == 1 and f"{url}/{first.pk}/pin/" in history
    assert page.post(f"{url}/{second.pk}/pin/", {"pin": "0"}).status_code == 302
    assert not Note.objects.filter(is_pinned=True).exists()
    assert JournalEntry.objects.filter(code__in=("note.pinned", "note.unpinned")).count() == 3
    other = make.ClientFactory()
    make.bound(other, manager)
    assert page.post(f"/clients/{other.pk}/notes/{first.pk}/pin/", {"pin": "1"}).status_code == 404
    assert signed_in(stranger).post(f"{url}/{first.pk}/pin/", {"pin": "1"}).status_code == 404


@pytest.mark.rows("R2.10")
def test_a_phone_typed_by_mistake_is_removed_after_a_question(signed_in, manager, colleague, mine):
    phone = phone_add(client_id=mine.pk, phone="+7 4012 12-34-56", by=manager)
    page, url = signed_in(manager), f"/clients/{mine.pk}/phones/{phone.pk}/remove/"
    assert url in page.get(f"/clients/{mine.pk}/contacts/").content.decode()
    question = page.get(url).content.decode()
    assert "212-34-56" in question and "отметьте номер неверным" in question
    assert mine.phones.count() == 1
    assert signed_in(colleague).post(url).status_code == 403
    assert page.post(url).status_code == 302
    mine.refresh_from_db()
    assert mine.phones.count() == 0 and not mine.has_phone
    assert JournalEntry.objects.filter(code="phone.removed", client_id=mine.pk).exists()
    assert page.post(url).status_code == 404


def test_history_goes_back_page_by_page(signed_in, manager, mine):
    for n in range(60):
        work.note_add(client_id=mine.pk, text=f"заметка {n}", by=manager)
    page = signed_in(manager)
    first = page.get(f"/clients/{mine.pk}/history/").content.decode()
    assert "заметка 59" in first and "заметка 9<" not in first
    older = first.split('href="?after=')[1].split('"')[0]
    assert "заметка 9<" in page.get(f"/clients/{mine.pk}/history/?after={older}").content.decode()


def test_tasks_are_given_done_and_taken_back(signed_in, manager, colleague, mine):
    page = signed_in(manager)
    page.post(
        f"/clients/{mine.pk}/tasks/add/",
        {"title": "Отправить договор", "due_on": "24.11.2026", "assignee": colleague.pk},
    )
    task = Task.objects.get()
    assert task.assignee == colleague
    assert "Отправить договор" in signed_in(colleague).get("/tasks/").content.decode()
    assert page.post(f"/tasks/{task.pk}/done/").status_code == 403
    assert signed_in(colleague).post(f"/tasks/{task.pk}/done/").status_code == 302
    task.refresh_from_db()
    assert task.done_by == colleague
    assert work.task_done(task_id=task.pk, by=colleague).done_by == colleague
    work.task_undo(task_id=task.pk, by=colleague)
    task.refresh_from_db()
    assert task.done_at is None
    with pytest.raises(DomainError):
        work.task_add(
            client_id=mine.pk,
            title="x",
            due_on=TODAY,
            by=manager,
            assignee=make.employee(point=make.SalesPointFactory()),
        )


def test_generated_tasks_come_once(manager, mine):
    facts = {
        "client_id": mine.pk,
        "kind": "call",
        "title": "Позвонить",
        "due_on": TODAY,
        "salespoint_id": manager.salespoint_id,
        "key": "k",
    }
    assert work.task_make(**facts) is not None and work.task_make(**facts) is None


@pytest.mark.rows("R2.17")
def test_a_colleague_hears_of_the_card_he_was_given(manager, colleague):
    client = make.ClientFactory()
    client_bind(client_id=client.pk, manager=colleague, by=manager)
    task = Task.objects.get()
    assert (task.assignee, task.due_on, task.client) == (colleague, date(2026, 11, 24), client)


def test_open_tasks_go_along_with_a_transferred_card(manager, colleague, head, mine):
    task = work.task_add(client_id=mine.pk, title="Позвонить", due_on=TODAY, by=manager)
    client_transfer(client_id=mine.pk, manager=colleague, reason="отпуск", by=head)
    task.refresh_from_db()
    assert task.assignee == colleague
    other = work.task_add(client_id=mine.pk, title="Другое", due_on=TODAY, by=colleague)
    client_transfer(client_id=mine.pk, manager=manager, reason="вернулась", by=head, carry=frozenset())
    other.refresh_from_db()
    assert other.assignee == colleague


# --- prospects ---


@pytest.mark.rows("R2.4")
def test_silent_trials_are_lost_after_a_quarter_and_come_back_with_activity():
    days = {"quarter": date(2026, 8, 23), "longer": date(2026, 8, 22), "never": date(1900, 1, 1)}
    cards = {name: make.ClientFactory(prospect_state="trial", last_active_on=day) for name, day in days.items()}
    paid = make.ClientFactory(prospect_state="connected", last_active_on=days["longer"])
    for _ in range(2):
        run_by_hand(get("clients.lose_silent"), TODAY)
    states = {name: Client.objects.get(pk=c.pk) for name, c in cards.items()}
    assert {name: (c.prospect_state, c.lost_reason) for name, c in states.items()} == {
        "quarter": ("trial", ""),
        "longer": ("lost", "inactive"),
        "never": ("trial", ""),
    }
    assert Client.objects.get(pk=paid.pk).prospect_state == "connected"
    assert client_activity_mark(days={cards["longer"].pk: TODAY, cards["quarter"].pk: date(2026, 1, 1)}) == 1
    back = Client.objects.get(pk=cards["longer"].pk)
    assert (back.prospect_state, back.lost_reason, back.last_active_on) == ("trial", "", TODAY)


@pytest.mark.rows("R2.4", "R2.5")
def test_accounts_decide_between_trial_connected_and_lost(mine):
    client_accounts_set(client=mine, numbers=[1_000_001], main_number=1_000_001, is_paid=False, on=TODAY, by=None)
    assert (mine.prospect_state, mine.trial_reason, mine.accounts_count) == ("trial", "account", 1)
    client_accounts_set(client=mine, numbers=[1_000_001], main_number=1_000_001, is_paid=True, on=TODAY, by=None)
    assert (mine.prospect_state, mine.trial_reason) == ("connected", "")
    client_accounts_set(client=mine, numbers=[], main_number=None, is_paid=False, on=TODAY, by=None, removed=True)
    assert (mine.prospect_state, mine.lost_reason) == ("lost", "removed")


# --- what cards share (C6) ---


def shared(number: int, **facts):
    clients = [make.ClientFactory() for _ in range(number)]
    for client in clients:
        make.details(client, **facts)
    while queue_take():
        pass
    return clients


def test_a_phone_of_fifty_says_nothing_and_of_two_relates(operator):
    for client in (common := shared(50)):
        phone_add(client_id=client.pk, phone="8 (4012) 12-34-56", by=operator)
    pair = shared(2)
    for client in pair:
        phone_add(client_id=client.pk, phone="4012/65-43-21", by=operator)
    assert relations([common[0].pk]) == {}
    [hit] = relations([pair[0].pk])[pair[0].pk]
    assert (hit.client_id, hit.score, hit.relation.reasons) == (pair[1].pk, 40, ("один телефон",))


def test_names_alone_relate_nobody_and_add_to_other_signals():
    a, _b = shared(2, director="Иванов Иван Иванович")
    assert relations([a.pk]) == {}
    c, d = shared(2, director="Петров Петр Петрович", address="г. Москва, ул. Лесная, д. 5, оф. 12")
    [hit] = relations([c.pk])[c.pk]
    assert hit.client_id == d.pk and hit.score == 30 + 25
    e, f = shared(2, address="101000, г. Москва, улица Лесная, дом 77, ОФИС 3")
    assert [hit.client_id for hit in relations([e.pk])[e.pk]] == [f.pk]


def test_successors_founders_and_domains():
    old, new = make.ClientFactory(), make.ClientFactory()
    make.details(old)
    make.details(new, predecessors=[{"ogrn": old.ogrn}])
    a, _b = shared(2, founders=[{"inn": "771800000075", "percent": "50"}, {"inn": "7718159470", "percent": "24"}])
    c, _d = shared(2, email="Buh@Firma.example")
    queue_take()
    assert relations([old.pk])[old.pk][0].relation.reasons == ("правопреемник",)
    assert relations([a.pk])[a.pk][0].score == 50 + 0
    assert relations([c.pk])[c.pk][0].score == 35
    free = shared(2, email="x@mail.ru")
    assert not ClientSignal.objects.filter(client__in=free, kind="domain").exists()


def test_an_edited_phone_moves_its_signal(operator):
    client = shared(1)[0]
    phone = phone_add(client_id=client.pk, phone="84012123456", by=operator)
    link = contact_add(client_id=client.pk, contact=Contact("Счетова Анна", phone="84012123457"), by=operator)
    assert ClientSignal.objects.filter(client=client, kind="phone").count() == 2
    phone_remove(phone_id=phone.pk, by=operator)
    contact_remove(link_id=link.pk, by=operator)
    assert not ClientSignal.objects.filter(client=client, kind="phone").exists()
    client.refresh_from_db()
    assert not client.has_phone
    with pytest.raises(Conflict):
        for _ in range(2):
            phone_add(client_id=client.pk, phone="84012123456", by=operator)


def test_jobs_of_signals_run_twice_with_the_same_result(operator):
    clients = [make.ClientFactory() for _ in range(5)]
    for client in clients:
        make.details(client, email="info@common.example")
    assert SignalQueue.objects.count() == 5
    for name in ("clients.signals", "clients.frequencies", "clients.spread", "clients.copies"):
        for _ in range(2):
            [row] = run_by_hand(get(name), TODAY)
            assert row.state == "done", row.message
    assert not SignalQueue.objects.exists()
    assert set(SignalFrequency.objects.values_list("clients", flat=True)) == {5}
    ClientSignal.objects.filter(client=clients[0]).delete()
    ClientSignal.objects.filter(client=clients[1]).delete()
    frequencies_rewrite()
    assert not SignalFrequency.objects.exists()
    assert TODAY - timedelta(days=1) < TODAY


def test_a_new_weight_is_the_sum_of_its_reasons():
    from clients.rules import Shared, relation

    found = relation([Shared("account"), Shared("phone", 4), Shared("house"), Shared("address", 30)])
    assert (found.score, found.reasons[0], found.is_strong) == (100 + 15 + 5, "один аккаунт", True)
