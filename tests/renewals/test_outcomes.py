"""Outcomes and «Продлить»: evidence, comments, withdrawal, the next term (R3.18–R3.36, R3.39–R3.41)."""

from datetime import timedelta
from decimal import Decimal

import pytest

from accounts.models import AccountMember
from core.errors import Conflict, DomainError, Forbidden
from core.models import JournalEntry
from licenses.models import License, Term
from licenses.services.invoices import invoice_cancel
from renewals.choices import INACTIVITY_ONLY
from renewals.models import Outcome, RenewalRow
from renewals.services import Evidence, account_renew, outcome_set, outcome_withdraw
from renewals.services.outcomes import invoice_outcomes_withdraw
from tests.renewals.conftest import TODAY, account_of, sold, tariff

pytestmark = pytest.mark.django_db
WHY = "Перешли на другую систему"


@pytest.fixture
def account(manager, today):
    return account_of(manager)


@pytest.fixture
def term(account, eo):
    return sold(account, eo, TODAY + timedelta(days=20))


@pytest.fixture
def ended(account, edo):
    return sold(account, edo, TODAY - timedelta(days=20))


def category(term) -> str:
    return RenewalRow.objects.get(term=term).category


def set_(term, kind, by, **more):
    return outcome_set(term_id=term.pk, kind=kind, by=by, on=TODAY, **more)


@pytest.mark.rows("R3.36", "R3.41")
def test_a_negative_outcome_needs_a_reason_and_terminates_at_once(term, manager):
    for comment in ("", "нет", "  1 2 3 4 5 6 7 8 9  "):
        with pytest.raises(DomainError, match="не меньше 10"):
            set_(term, "wrong_contacts", manager, comment=comment)
    assert category(term) == "requires"
    set_(term, "wrong_contacts", manager, comment=WHY)
    assert category(term) == "terminated"
    assert JournalEntry.objects.filter(code="outcome.set", account_id=term.account_id).exists()


@pytest.mark.rows("R3.35")
@pytest.mark.parametrize("kind", sorted(INACTIVITY_ONLY))
def test_outcomes_of_inactivity_are_refused(term, manager, kind):
    with pytest.raises(DomainError, match="Неактивные"):
        set_(term, kind, manager, comment=WHY)


@pytest.mark.rows("R3.32", "R3.36")
def test_who_left_says_to_whom_and_why(term, manager):
    for evidence in (Evidence(), Evidence(competitor="Оператор"), Evidence(reason="Дешевле")):
        with pytest.raises(DomainError, match="к какому конкуренту"):
            set_(term, "left_us", manager, comment=WHY, evidence=evidence)
    outcome = set_(term, "left_us", manager, comment=WHY, evidence=Evidence("Оператор", "Дешевле на треть"))
    assert (outcome.competitor.name, outcome.reason) == ("Оператор", "Дешевле на треть")


@pytest.mark.rows("R3.27")
def test_not_using_waits_for_the_end_unless_a_head_says_so(term, ended, manager, head):
    set_(ended, "not_using", manager, comment=WHY)
    with pytest.raises(DomainError, match="действует по"):
        set_(term, "not_using", manager, comment=WHY, is_early=True)
    with pytest.raises(DomainError, match="действует по"):
        set_(term, "not_using", head, comment=WHY)
    assert set_(term, "not_using", head, comment=WHY, is_early=True)


@pytest.mark.rows("R3.29")
def test_liquidating_notes_what_the_register_says(term, account, manager):
    with pytest.raises(DomainError, match="По реестру"):
        set_(term, "not_existing", manager, comment=WHY)
    assert "действует" in set_(term, "liquidating", manager, comment=WHY).register_state
    client = account.members.get().client
    client.ceased_on = TODAY
    client.save(update_fields=["ceased_on"])
    assert "прекращена" in set_(term, "not_existing", manager, comment=WHY).register_state


@pytest.mark.rows("R3.30")
def test_a_moved_client_is_renewed_in_an_account_that_holds_him(term, account, manager):
    other = account_of(manager, "Другой, ООО")
    for number in (None, 1_000_000, account.number, other.number):
        with pytest.raises(DomainError):
            set_(term, "moved_account", manager, evidence=Evidence(target_number=number, move="additional"))
    AccountMember.objects.create(account=other, client=account.members.get().client, joined_at=account.created_at)
    set_(term, "moved_account", manager, evidence=Evidence(target_number=other.number, move="additional"))
    assert category(term) == "transferred"


@pytest.mark.rows("R3.24")
def test_the_last_outcome_counts_and_all_are_kept(term, manager):
    set_(term, "wrong_contacts", manager, comment=WHY)
    last = set_(term, "liquidating", manager, comment=WHY)
    assert category(term) == "terminated"
    assert Outcome.objects.filter(term=term).count() == 2
    outcome_withdraw(outcome_id=last.pk, by=manager, on=TODAY)
    # What stood before it stands again, as a row of its own; then nothing does.
    again = Outcome.objects.get(term=term, withdrawn_at=None)
    assert (again.kind_id, again.comment, category(term)) == ("wrong_contacts", WHY, "terminated")
    outcome_withdraw(outcome_id=again.pk, by=manager, on=TODAY)
    assert category(term) == "requires" and not Outcome.objects.filter(term=term, withdrawn_at=None).exists()
    with pytest.raises(Conflict):
        outcome_withdraw(outcome_id=last.pk, by=manager, on=TODAY)


def test_an_invoice_that_fell_does_not_come_back_with_its_outcome(account, term, manager):
    invoice = account_renew(account_id=account.pk, term_ids=[term.pk], by=manager, on=TODAY)
    refused = set_(term, "wrong_contacts", manager, comment=WHY)
    outcome_withdraw(outcome_id=refused.pk, by=manager, on=TODAY)
    assert Outcome.objects.get(term=term, withdrawn_at=None).kind_id == "invoice_issued"
    refused = set_(term, "wrong_contacts", manager, comment=WHY)
    invoice_cancel(invoice_id=invoice.pk, reason="Ошибка", by=manager, on=TODAY)
    outcome_withdraw(outcome_id=refused.pk, by=manager, on=TODAY)
    assert not Outcome.objects.filter(term=term, withdrawn_at=None).exists()


@pytest.mark.rows("R3.33")
def test_zero_reports_is_account_renewed_without_reporting(account, eo, manager, edo):
    reports = sold(account, eo, TODAY + timedelta(days=20))
    with pytest.raises(DomainError, match="были ЭО и «Аккаунт»"):
        set_(reports, "zero_reporting", manager)
    box = sold(account, tariff("account", "Аккаунт", "1800.00"), TODAY + timedelta(days=20))
    with pytest.raises(DomainError, match="были ЭО и «Аккаунт»"):
        set_(box, "zero_reporting", manager)
    with pytest.raises(DomainError, match="сначала продлите"):
        set_(reports, "zero_reporting", manager)
    account_renew(account_id=account.pk, term_ids=[box.pk], by=manager, on=TODAY)
    set_(reports, "zero_reporting", manager)
    assert category(reports) == "reduced"
    other = account_of(manager, "Обе, ООО")
    both = [sold(other, item, TODAY + timedelta(days=9)) for item in (eo, tariff("account", "Аккаунт"))]
    account_renew(account_id=other.pk, term_ids=[term.pk for term in both], by=manager, on=TODAY)
    with pytest.raises(DomainError, match="только «Аккаунт»"):
        set_(both[0], "zero_reporting", manager)


def test_a_stranger_does_not_find_the_term_and_support_may_not(term, stranger, support, colleague):
    with pytest.raises(Term.DoesNotExist):
        set_(term, "wrong_contacts", stranger, comment=WHY)
    for person in (support, colleague):
        with pytest.raises(Forbidden):
            set_(term, "wrong_contacts", person, comment=WHY)


@pytest.mark.rows("R3.25")
def test_invoiced_needs_an_invoice(term, manager):
    with pytest.raises(DomainError, match="Продлить"):
        set_(term, "invoice_issued", manager)


# --- «Продлить» ---


@pytest.mark.rows("R3.18", "R3.20", "R3.25", "R3.39")
def test_renew_makes_the_next_terms_at_the_prices_of_the_day_and_one_invoice(account, term, edo, manager):
    late = sold(account, edo, TODAY - timedelta(days=5), amount="1.00")
    invoice = account_renew(account_id=account.pk, term_ids=[term.pk, late.pk], by=manager, on=TODAY)
    assert invoice.total == Decimal("14300.00")
    starts = dict(License.objects.filter(state="invoiced").values_list("item__code", "starts_on"))
    assert starts == {"eo-basic": term.ends_on + timedelta(days=1), "edo-basic": TODAY}
    assert {o.kind_id for o in Outcome.objects.filter(withdrawn_at=None)} == {"invoice_issued"}
    assert Term.objects.get(renews=term).starts_on == term.ends_on + timedelta(days=1)
    assert (category(term), category(late)) == ("requires", "not_renewed")
    with pytest.raises(DomainError, match="уже выставлен"):
        account_renew(account_id=account.pk, term_ids=[term.pk], by=manager, on=TODAY)


@pytest.mark.rows("R3.18")
def test_an_ended_licence_goes_on_today_or_without_a_gap(account, edo, eo, manager):
    late = sold(account, edo, TODAY - timedelta(days=5))
    invoice = account_renew(account_id=account.pk, term_ids=[late.pk], by=manager, on=TODAY, is_gapless=True)
    made = License.objects.get(state="invoiced")
    assert (made.starts_on, made.ends_on) == (late.ends_on + timedelta(days=1), late.ends_on + timedelta(days=365))
    assert invoice.total == Decimal("8900.00")
    gone = sold(account, eo, TODAY - timedelta(days=400))
    with pytest.raises(DomainError, match="тоже уже прошел"):
        account_renew(account_id=account.pk, term_ids=[gone.pk], by=manager, on=TODAY, is_gapless=True)


@pytest.mark.rows("R3.39")
def test_a_cancelled_invoice_takes_its_outcome_with_it(account, term, manager):
    invoice = account_renew(account_id=account.pk, term_ids=[term.pk], by=manager, on=TODAY)
    invoice_cancel(invoice_id=invoice.pk, reason="Ошибка", by=manager, on=TODAY)
    assert RenewalRow.objects.get(term=term).outcome == ""
    assert invoice_outcomes_withdraw(invoice=invoice, by=manager, on=TODAY) == 0
    # The positions are planned still: the second invoice takes them as they are.
    again = account_renew(account_id=account.pk, term_ids=[term.pk], by=manager, on=TODAY)
    assert again.total == invoice.total


def test_renew_with_another_sum_than_shown_is_refused(account, term, manager):
    with pytest.raises(DomainError, match="Сумма изменилась"):
        account_renew(account_id=account.pk, term_ids=[term.pk], by=manager, on=TODAY, total=Decimal("1.00"))
    assert License.objects.filter(account=account).count() == 1
