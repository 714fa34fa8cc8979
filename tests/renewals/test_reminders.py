"""Letters to clients and digests to managers: once each, through a mail server that comes and goes (issue 6)."""

from datetime import timedelta

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend

from accounts.models import AccountContact
from clients.models import ClientDetails, Person
from core import clock
from core.errors import DomainError, Forbidden
from core.jobs import get
from core.jobs.scheduling import run_by_hand
from core.preferences import preference_set
from renewals import letters
from renewals.models import Reminder
from renewals.services import (
    accounts_to_write,
    digests_write,
    letter_set,
    letters_now,
    letters_write,
    outcome_set,
    reminder_send,
    renewals_refresh,
    waiting,
)
from tests.renewals.conftest import TODAY, account_of, sold

pytestmark = pytest.mark.django_db
WHY = "Закрываются, отчетность сдает бухгалтер"


class DownBackend(EmailBackend):
    """A mail server that refuses the connection."""

    def send_messages(self, messages):
        raise ConnectionRefusedError("no mail server")


@pytest.fixture
def account(manager, today):
    account = account_of(manager)
    ClientDetails.objects.update_or_create(
        client=account.members.get().client, defaults={"email": "office@romashka.example"}
    )
    return account


def write(term, day) -> int:
    renewals_refresh([term.account_id], on=day)
    return letters_write(accounts_to_write(on=day), on=day)


def deliver() -> dict:
    [run] = run_by_hand(get("renewals.deliver"), None)
    return run.counts


def test_each_day_of_the_window_has_one_letter_also_after_an_outage(account, eo):
    term = sold(account, eo, TODAY + timedelta(days=61))
    made = {
        left: sum(write(term, term.ends_on - timedelta(days=left)) for _twice in (1, 2)) for left in range(62, -8, -1)
    }
    assert {left for left, n in made.items() if n} == {60, 30, 7, -3} and sum(made.values()) == 4
    other = sold(account_of(account.manager, "Вторая, ООО"), eo, TODAY + timedelta(days=28))
    ClientDetails.objects.update_or_create(
        client=other.account.members.get().client, defaults={"email": "b@example.ru"}
    )
    # Three days later the letter of the thirtieth day still goes out; four days later it would tell of another day.
    assert write(other, TODAY) == 1 and "28" in Reminder.objects.get(term=other).subject
    late = sold(account_of(account.manager, "Третья, ООО"), eo, TODAY + timedelta(days=26))
    ClientDetails.objects.update_or_create(client=late.account.members.get().client, defaults={"email": "c@example.ru"})
    assert write(late, TODAY) == 0


def test_the_letter_goes_to_the_preferred_contact_and_names_what_ends(account, eo, settings):
    term = sold(account, eo, TODAY + timedelta(days=30))
    person = Person.objects.create(
        full_name="Главный бухгалтер", name_norm="главный", email="chief@example.ru", created_at=clock.now()
    )
    AccountContact.objects.create(account=account, person=person, is_preferred=True)
    assert write(term, TODAY) == 1 and deliver() == {"sent": 1}
    [letter] = mail.outbox
    assert letter.to == ["chief@example.ru"] and "30\u00a0дней" in letter.subject
    assert account.name in letter.body and "ЭО «Базовый»" in letter.body and "23.12.2026" in letter.body
    assert account.manager.full_name in letter.body and "{" not in letter.subject + letter.body
    assert letter.extra_headers["Message-ID"].startswith("<")


def test_what_ends_on_one_day_stands_in_one_letter(account, eo, edo):
    first, second = (sold(account, item, TODAY + timedelta(days=30)) for item in (eo, edo))
    assert write(first, TODAY) == 1 and write(second, TODAY) == 0
    letter = Reminder.objects.get()
    assert "ЭО «Базовый», ЭДО «Базовый»" in letter.text
    # Who refused one of the two is still written to about the other one; who refused both is not.
    outcome_set(term_id=first.pk, kind="liquidating", comment=WHY, by=account.manager, on=TODAY)
    assert deliver() == {"sent": 1}


def test_a_mail_server_that_is_down_loses_nothing_and_doubles_nothing(account, eo, settings):
    term = sold(account, eo, TODAY + timedelta(days=7))
    write(term, TODAY)
    working = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = f"{DownBackend.__module__}.DownBackend"
    assert deliver() == {"failed": 1} and waiting() == [Reminder.objects.get().pk]
    settings.EMAIL_BACKEND = working
    assert deliver() == {"sent": 1} and deliver() == {}
    assert write(term, TODAY) == 0 and len(mail.outbox) == 1
    assert reminder_send(reminder_id=Reminder.objects.get().pk) is False


@pytest.mark.parametrize("what", ["refused", "renewed"])
def test_who_refused_or_renewed_meanwhile_gets_no_letter(account, eo, manager, what):
    term = sold(account, eo, TODAY + timedelta(days=7))
    write(term, TODAY)
    if what == "refused":
        outcome_set(term_id=term.pk, kind="liquidating", comment=WHY, by=manager, on=TODAY)
    else:
        sold(account, eo, term.ends_on + timedelta(days=365), shipped_on=TODAY)
    assert deliver() == {"sent": 0} and mail.outbox == []
    assert Reminder.objects.get().dropped_at and waiting() == []
    assert write(term, TODAY + timedelta(days=1)) == 0


def test_an_account_without_an_address_gets_none_and_the_jobs_do_their_zone(account, eo):
    sold(account, eo, TODAY + timedelta(days=7))
    sold(account_of(account.manager, "Без почты, ООО"), eo, TODAY + timedelta(days=7))
    [run] = run_by_hand(get("renewals.letters"), TODAY)
    assert (run.state, run.counts) == ("done", {"made": 1})


def test_a_digest_comes_to_who_asked_for_it_once_a_day(signed_in, account, eo, manager, colleague):
    for days in (50, 20, 3, -5):
        sold(account_of(manager, f"Через {days}, ООО"), eo, TODAY + timedelta(days=days))
    for person in (manager, colleague):
        person.email = f"{person.login}@example.ru"
        person.save(update_fields=["email"])
    assert digests_write(on=TODAY) == 0, "nobody asked"
    assert "сводку о продлениях" in signed_in(manager).get("/profile/").content.decode()
    signed_in(manager).post("/profile/", {"density": "", "keys": "on", "digest": "on"})
    preference_set(by=colleague, section="", key="digest", value=True)
    [run] = run_by_hand(get("renewals.digests"), TODAY)
    assert run.counts == {"made": 1}, "the colleague has nothing to do"
    assert digests_write(on=TODAY) == 0 and deliver() == {"sent": 1}
    [letter] = mail.outbox
    body = letter.body.replace("\u00a0", " ")
    assert letter.to == [manager.email]
    for line in (
        "пора звонить: 1 аккаунт",
        "просрочен контакт: 2 аккаунта",
        "за 7 дней: 1 аккаунт",
        "без итога: 1 аккаунт",
    ):
        assert line in body
    signed_in(manager).post("/profile/", {"density": "", "keys": "on"})
    assert digests_write(on=TODAY + timedelta(days=1)) == 0


def test_the_card_shows_what_was_written_and_whether_it_went(signed_in, account, eo, manager):
    term = sold(account, eo, TODAY + timedelta(days=7))
    write(term, TODAY)
    page = signed_in(manager)
    assert "ждет отправки" in page.get(f"/accounts/{account.number}/renewal/").content.decode()
    deliver()
    body = page.get(f"/accounts/{account.number}/renewal/").content.decode()
    assert "отправлено" in body and "office@romashka.example" in body and "Письма клиенту" in body


def test_the_operator_writes_letters_and_unknown_words_are_refused(signed_in, operator, head, account, eo):
    page, url = signed_in(operator), "/accounts/renewals/letters/"
    assert "за 60\u00a0дней до окончания" in page.get(url).content.decode()
    assert "«ЭО «Базовый»»" in page.get(url).content.decode()
    bad = page.post(f"{url}30/", {"days_left": 30, "subject": "К оплате {sum}", "body": "Текст", "is_active": "on"})
    assert bad.status_code == 422 and "«{sum}»" in bad.content.decode() and "Текст" in bad.content.decode()
    assert (
        page.post(
            f"{url}30/", {"days_left": 30, "subject": "Свое: {days}", "body": "{client} <b>&", "is_active": "on"}
        ).status_code
        == 302
    )
    assert (
        page.post(
            f"{url}add/", {"days_left": 14, "subject": "Две недели", "body": "Ждем", "is_active": "on"}
        ).status_code
        == 302
    )
    page.post(f"{url}7/", {"days_left": 7, "subject": "Скоро", "body": "Скоро"})
    assert [(one.days_left, one.is_active) for one in letters_now()] == [
        (60, True),
        (30, True),
        (14, True),
        (7, False),
        (-3, True),
    ]
    assert page.get(f"{url}99/").status_code == page.get(f"{url}abc/").status_code == 404
    with pytest.raises(Forbidden):
        letter_set(days_left=1, subject="а", body="б", is_active=True, by=head)
    with pytest.raises(DomainError, match="от 60"):
        letter_set(days_left=61, subject="а", body="б", is_active=True, by=operator)
    term = sold(account, eo, TODAY + timedelta(days=30))
    write(term, TODAY)
    written = Reminder.objects.get()
    assert written.subject == "Свое: 30\u00a0дней" and written.text == f"{account.name} <b>&"


def test_texts_of_the_program_name_only_what_is_filled_in():
    for letter in letters.DEFAULTS:
        assert letters.unknown_names(letter.subject + letter.body) == []
    assert letters.fill("{client}, {0} {{}} {days!r}", {"client": "{days}"}) == "{days},  {} {days!r}"
