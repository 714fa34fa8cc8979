"""Demo accounts in every state, with two years of terms, invoices, payments, shipments and licences.

Rows are made in bulk, in the shape the services leave behind: gapless numbers, frozen invoices, sums that agree.
`manage.py check_invariants` runs over the demo in the tests.
"""

from __future__ import annotations

from collections import Counter as Tally
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from django.db import connection

from accounts.models import Account, AccountContact, AccountMember
from accounts.models.account import NEVER
from clients.choices import ProspectState
from clients.models import Client, ClientPerson
from core.models import Counter
from licenses.models import (
    Allocation,
    Certificate,
    Invoice,
    InvoiceLine,
    Item,
    License,
    Payment,
    PaymentAllocation,
    Price,
    Shipment,
    Term,
)
from licenses.rules import term_end, vat_of
from licenses.seller import frozen_seller

from .clients import moment
from .network import Network

PROFILES = [  # what the account looks like on the demo day, weight
    ("paid", 46), ("ending", 18), ("not_renewed", 9), ("won_back", 3), ("trial", 12), ("promo", 4), ("invoiced", 5), ("selected", 3),
]  # fmt: skip
BUNDLES = [
    ["eo-basic", "account-full"], ["eo-light"], ["eo-zero"], ["eo-basic", "edo-free"], ["edo-basic"], ["edo-corporate", "eo-corporate"],
    ["ub-full", "account-full"], ["eo-basic", "ofd-desk"], ["crm-user", "edo-free"], ["tenders-member", "eo-basic"], ["companies-basic"],
    ["eo-corporate", "edo-basic", "signature-employee"], ["retail-shop", "ofd-desk"], ["staff-basic", "eo-basic"],
]  # fmt: skip


@dataclass
class Sale:
    """One invoice to be: its account, days, licences."""

    account: Account
    payer: Client
    issued: date
    starts: date
    stage: str  # selected, invoiced, active
    shipped: date | None = None
    licenses: list[License] = field(default_factory=list)


@dataclass
class Builder:
    rng: Random
    network: Network
    items: dict[str, Item]
    prices: dict[tuple, Price]
    on: date
    accounts: list[Account] = field(default_factory=list)
    terms: list[Term] = field(default_factory=list)
    chain: list[tuple[Term, Term]] = field(default_factory=list)
    sales: list[Sale] = field(default_factory=list)

    def make(self, clients: list[Client], count: int) -> None:
        """Accounts for the first `count` clients and members for some of them."""
        regions = {code: p for p in self.network.points for code in p.regions.values_list("code", flat=True)}
        members, spare = [], iter(clients[count:])
        for n, client in enumerate(clients[:count]):
            point = regions[client.region_code]
            created = self.on - timedelta(days=self.rng.randint(30, 760))
            manager = None if self.rng.random() < 0.05 else self.rng.choice(self.network.managers(point))
            account = Account(
                number=1_000_001 + n * 7, name=client.name, salespoint=point, manager=manager, created_at=moment(created), created_by=manager,
                region_code=client.region_code, activated_at=moment(created + timedelta(days=1)), members_count=1,
            )  # fmt: skip
            self.accounts.append(account)
            members.append(
                AccountMember(
                    account=account,
                    client=client,
                    is_main=True,
                    kpp=client.kpp,
                    joined_at=moment(created),
                    joined_by=manager,
                )
            )
            client.accounts_count, client.main_account_number, client.work_state = 1, account.number, "connected"
            for _ in range(self.rng.choice([0, 0, 0, 0, 1, 2, 3])):
                if extra := next(spare, None):
                    members.append(
                        AccountMember(
                            account=account, client=extra, kpp=extra.kpp, joined_at=moment(created), joined_by=manager
                        )
                    )
                    extra.accounts_count, extra.main_account_number, extra.work_state = 1, account.number, "connected"
                    account.members_count += 1
        Account.objects.bulk_create(self.accounts, batch_size=1000)
        AccountMember.objects.bulk_create(members, batch_size=1000)
        with connection.cursor() as cursor:
            cursor.execute("SELECT setval('accounts_account_number', %s)", [self.accounts[-1].number])
        self.members: dict[int, list[Client]] = {}
        for member in members:
            self.members.setdefault(member.account.pk, []).append(member.client)
        contacts = ClientPerson.objects.filter(client__in=[m.client_id for m in members if m.is_main]).select_related(
            "person"
        )
        main_of = {m.client_id: m.account for m in members if m.is_main}
        AccountContact.objects.bulk_create(
            AccountContact(
                account=main_of[link.client_id], person=link.person, role=link.role, is_preferred=True, decides=True
            )
            for link in contacts
        )

    def sell(self) -> None:
        """Choose a life for each account and build its terms and sales."""
        for account in self.accounts:
            profile = self.rng.choices([p[0] for p in PROFILES], [p[1] for p in PROFILES])[0]
            codes = ["retail-promo"] if profile == "promo" else self.rng.choice(BUNDLES)
            if profile == "trial":
                continue
            if profile in ("invoiced", "selected"):
                start = self.on + timedelta(days=self.rng.randint(0, 5))
                self._sale(account, codes, start, profile, None)
                continue
            starts = self._starts(profile, account.created_at.date())
            previous: dict[int, Term] = {}
            for start in starts:
                previous = self._sale(account, codes, start, "active", previous)

    def _starts(self, profile: str, created: date) -> list[date]:
        """First days of the yearly terms, oldest first."""
        left = {"paid": self.rng.randint(61, 350), "ending": self.rng.randint(0, 60), "promo": self.rng.randint(5, 200),
                "not_renewed": -self.rng.randint(1, 80), "won_back": self.rng.randint(200, 300)}[profile]  # fmt: skip
        ends = self.on + timedelta(days=left)
        starts = [_year_before(ends)]
        while starts[0] > created and len(starts) < 3 and self.rng.random() < 0.6:
            starts.insert(0, _year_before(starts[0] - timedelta(days=1)))
        if profile == "won_back":
            starts.insert(0, starts[0] - timedelta(days=365 + 120))
        return starts

    def _sale(
        self, account: Account, codes: list[str], start: date, stage: str, previous: dict[int, Term] | None
    ) -> dict[int, Term]:
        """One invoice over one term per direction; returns the terms by direction."""
        payer = self.members[account.pk][0]
        sale = Sale(
            account,
            payer,
            max(start - timedelta(days=self.rng.randint(3, 14)), date(start.year - 1, 1, 1)),
            start,
            stage,
        )
        if stage != "active":
            sale.issued = self.on - timedelta(days=self.rng.randint(0, 4))
        sale.shipped = self._shipped(sale, is_renewal=bool(previous)) if stage == "active" else None
        terms: dict[int, Term] = {}
        for code in codes:
            item = self.items[code]
            direction = item.line.direction_id
            if direction not in terms:
                terms[direction] = Term(
                    account=account, direction_id=direction, starts_on=start, ends_on=term_end(start, 12), anchor_day=start.day, months=12,
                    created_at=moment(sale.issued),
                )  # fmt: skip
                if earlier := (previous or {}).get(direction):
                    self.chain.append((terms[direction], earlier))
            sale.licenses.append(self._license(sale, terms[direction], item))
        self.terms += terms.values()
        self.sales.append(sale)
        return terms

    def _shipped(self, sale: Sale, *, is_renewal: bool) -> date:
        """A first sale on its first day; a renewal mostly before the old term ends, one of twelve some days late."""
        if not is_renewal or self.rng.random() < 1 / 12:
            return min(sale.starts + timedelta(days=self.rng.randint(1, 20) if is_renewal else 0), self.on)
        sale.issued = sale.starts - timedelta(days=self.rng.randint(8, 40))
        return sale.issued + timedelta(days=self.rng.randint(3, 7))

    def _license(self, sale: Sale, term: Term, item: Item) -> License:
        payer_kind = "ip" if sale.payer.kind == "entrepreneur" else "usn"
        price = self.prices.get((item.code, payer_kind, 12)) or self.prices[item.code, "any", 12]
        quantity = self.rng.randint(1, 4) if item.is_countable else 1
        amount = price.amount * quantity
        if term.starts_on.year < self.on.year:
            price, amount = None, (amount * Decimal("0.9")).quantize(Decimal("10"))
        active = sale.stage == "active"
        return License(
            account=sale.account, term=term, item=item, quantity=quantity, starts_on=term.starts_on, ends_on=term.ends_on, price=price,
            list_amount=amount, amount=amount, payer_kind=payer_kind, state={"active": "active", "invoiced": "invoiced", "selected": "selected"}[sale.stage],
            payer=sale.payer, shipped_on=sale.shipped, activated_at=moment(sale.shipped, 15) if sale.shipped else None,
            activated_by=sale.account.manager if active else None, created_at=moment(sale.issued), created_by=sale.account.manager,
        )  # fmt: skip

    def save(self) -> None:
        Term.objects.bulk_create(self.terms, batch_size=1000)
        for term, earlier in self.chain:
            term.renews = earlier
        Term.objects.bulk_update([term for term, _earlier in self.chain], ["renews"], batch_size=1000)
        License.objects.bulk_create([row for sale in self.sales for row in sale.licenses], batch_size=1000)
        self._invoices([sale for sale in self.sales if sale.stage != "selected"])
        Allocation.objects.bulk_create(
            (
                Allocation(license=row, client=sale.payer, quantity=row.quantity, starts_on=row.starts_on, ends_on=row.ends_on,
                           at=moment(row.starts_on, 16), by=sale.account.manager)
                for sale in self.sales if sale.stage == "active" for row in sale.licenses
            ),
            batch_size=1000,
        )  # fmt: skip
        self._account_copies()
        self._certificates()

    def _invoices(self, sales: list[Sale]) -> None:
        """Draft rows, their lines, then one statement that issues them: lines of an issued invoice are frozen."""
        sales.sort(key=lambda sale: (sale.issued, sale.account.number))
        numbers: Tally[tuple[int, int]] = Tally()
        invoices, lines, issue = [], [], []
        sellers: dict[int, dict[str, str]] = {}
        for sale in sales:
            point = sale.account.salespoint
            key = (point.legal_entity_id, sale.issued.year)
            numbers[key] += 1
            if key[0] not in sellers:
                sellers[key[0]] = frozen_seller(point.legal_entity)
            vat = [vat_of(row.amount, _rate(row.item, sale.shipped or sale.starts)) for row in sale.licenses]
            invoice = Invoice(account=sale.account, legal_entity_id=point.legal_entity_id, salespoint=point, manager=sale.account.manager, payer=sale.payer,
                              payer_data={"name": sale.payer.name, "inn": sale.payer.inn, "kpp": sale.payer.kpp}, seller_data=sellers[key[0]], created_at=moment(sale.issued), created_by=sale.account.manager)  # fmt: skip
            invoices.append(invoice)
            issue.append(
                (invoice, key[1], numbers[key], sale.issued, sum(row.amount for row in sale.licenses), sum(vat))
            )
            for position, (row, tax) in enumerate(zip(sale.licenses, vat, strict=True), 1):
                lines.append(InvoiceLine(
                    invoice=invoice, position=position, item=row.item, license=row, title=f"{row.item}, {row.starts_on:%d.%m.%Y}–{row.ends_on:%d.%m.%Y}",
                    quantity=row.quantity, unit=row.item.unit, okei=row.item.okei, price=row.amount / row.quantity, list_amount=row.list_amount, amount=row.amount,
                    vat_kind=row.item.vat_kind, vat_rate=_rate(row.item, sale.shipped or sale.starts), vat_amount=tax, vat_ground=row.item.vat_ground,
                ))  # fmt: skip
        Invoice.objects.bulk_create(invoices, batch_size=1000)
        InvoiceLine.objects.bulk_create(lines, batch_size=1000)
        with connection.cursor() as cursor:
            cursor.executemany(
                """UPDATE licenses_invoice SET state = 'issued', year = %s, sequence = %s, number = %s, issued_on = %s, valid_until = %s,
                   total = %s, vat_total = %s WHERE id = %s""",
                [
                    (year, n, str(n), issued, issued + timedelta(days=5), total, tax, invoice.pk)
                    for invoice, year, n, issued, total, tax in issue
                ],
            )
        Counter.objects.bulk_create(
            Counter(series=f"invoice:{entity}:{year}", value=n) for (entity, year), n in numbers.items()
        )
        self._money(sales, invoices, issue)

    def _money(self, sales: list[Sale], invoices: list[Invoice], issue: list[tuple]) -> None:
        """Payments three days after issue, and shipments."""
        payments, allocations, shipments = [], [], []
        for sale, invoice, (_invoice, _year, n, issued, total, tax) in zip(sales, invoices, issue, strict=True):
            if sale.stage != "active":
                continue
            paid_on = min(issued + timedelta(days=3), sale.starts)
            payment = Payment(legal_entity_id=invoice.legal_entity_id, source="hand", number=str(1000 + len(payments)), date=paid_on, received_on=paid_on, amount=total,
                              payer_name=sale.payer.name, payer_inn=sale.payer.inn, purpose=f"Оплата по счету № {n} от {issued:%d.%m.%Y}", match_state="matched", created_at=moment(paid_on))  # fmt: skip
            payments.append(payment)
            allocations.append(
                PaymentAllocation(payment=payment, invoice=invoice, amount=total, at=moment(paid_on), is_automatic=True)
            )
            shipments.append(
                Shipment(
                    invoice=invoice,
                    shipped_on=sale.shipped,
                    at=moment(sale.shipped, 12),
                    by=sale.account.manager,
                    manager=sale.account.manager,
                    amount=total,
                    vat_amount=tax,
                )
            )
        Payment.objects.bulk_create(payments, batch_size=1000)
        PaymentAllocation.objects.bulk_create(allocations, batch_size=1000)
        Shipment.objects.bulk_create(shipments, batch_size=1000)

    def _account_copies(self) -> None:
        """paid_until, paid_since, promo; connected or trial clients."""
        ends: dict[int, date] = {}
        since: dict[int, date] = {}
        promo: set[int] = set()
        for sale in self.sales:
            for row in sale.licenses if sale.stage == "active" else []:
                ends[sale.account.pk] = max(ends.get(sale.account.pk, NEVER), row.ends_on)
                since[sale.account.pk] = min(since.get(sale.account.pk, row.starts_on), row.starts_on)
                if row.item.is_promo:
                    promo.add(sale.account.pk)
        clients = []
        for account in self.accounts:
            account.paid_until, account.paid_since = ends.get(account.pk, NEVER), since.get(account.pk)
            account.is_promo = account.pk in promo
            for client in self.members[account.pk]:
                paid = account.paid_until >= self.on
                client.prospect_state = ProspectState.CONNECTED if paid else ProspectState.TRIAL
                client.prospect_on = account.created_at.date()
                clients.append(client)
        Account.objects.bulk_update(self.accounts, ["paid_until", "paid_since", "is_promo"], batch_size=1000)
        Client.objects.bulk_update(
            clients,
            ["accounts_count", "main_account_number", "work_state", "prospect_state", "prospect_on"],
            batch_size=1000,
        )

    def _certificates(self) -> None:
        rows = []
        for n, account in enumerate(self.accounts):
            if self.rng.random() < 0.4:
                start = self.on - timedelta(days=self.rng.randint(5, 380))
                rows.append(Certificate(client=self.members[account.pk][0], account=account, owner=f"Руководитель, {account.name}"[:200], serial=f"00A{n:08d}", issuer="УЦ «Образец»",
                                        valid_from=start, valid_to=start + timedelta(days=395), on_token=n % 3 == 0))  # fmt: skip
        Certificate.objects.bulk_create(rows)


def _year_before(last_day: date) -> date:
    """The first day of the yearly term that ends on `last_day`."""
    start = last_day - timedelta(days=364)
    while term_end(start, 12) > last_day:
        start -= timedelta(days=1)
    while term_end(start, 12) < last_day:
        start += timedelta(days=1)
    return start


def _rate(item: Item, day: date) -> Decimal | None:
    return None if item.vat_kind == "exempt" else Decimal(22) if day.year >= 2026 else Decimal(20)
