"""Demo usage over two years, extra charges, tickets, notes and calls."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

from django.db import connection
from django.db.models import F, Sum

from accounts.choices import CallResult
from accounts.models import Account, CallLog, Note
from charges.models import ActiveBlock, Charge
from charges.rules import ChargeFacts, blocks
from clients.models import Client
from licenses.models import License, Product
from tickets.models import ProblemKind, ServiceContract, Ticket, TicketAssignment, TicketEvent, TicketMessage
from usage.models import AccountProduct, LimitUsed, ProductUser, UsageRollup

from .clients import moment
from .names import Inventor
from .network import Network

SUBJECTS = [
    "Не удается распечатать документы в личном кабинете", "Не проходит проверка отчета в налоговую", "Просят показать, как подписать входящий УПД",
    "Не приходит код подтверждения при входе", "Ошибка при отправке декларации по НДС", "Нужно перенести рабочее место на новый компьютер",
    "Вопрос по продлению подписи", "Не открывается раздел «Торги»", "Просят счет на дополнительную кассу", "Задвоились документы от поставщика",
]  # fmt: skip
PROBLEMS = ["Вход и доступ", "Отчетность", "Документооборот", "Подпись", "Касса", "Оплата и лицензии", "Прочее"]


def _allowed(on: date) -> dict[int, dict[str, int]]:
    """What active licences grant, by account and limit; organisations are counted by the account itself."""
    found: dict[int, dict[str, int]] = {}
    granted = License.objects.filter(state="active", starts_on__lte=on, ends_on__gte=on).exclude(
        item__entitlements__limit="organisations"
    )
    amount = F("item__entitlements__amount") * F("quantity")
    rows = granted.values_list("account_id", "item__entitlements__limit").annotate(paid=Sum(amount))
    for account_id, limit, paid in rows.exclude(item__entitlements__limit=None).order_by("account_id"):
        found.setdefault(account_id, {})[limit] = paid
    return found


def load_usage(
    rng: Random, invent: Inventor, accounts: list[Account], members: dict[int, list[Client]], on: date
) -> None:
    """Users, last days and counters per product, and monthly roll-ups of 24 months."""
    products = {p.code: p for p in Product.objects.all()}
    licensed: dict[int, set[str]] = {}
    for account_id, code in License.objects.filter(state="active", ends_on__gte=on).values_list(
        "account_id", "item__line__product__code"
    ):
        licensed.setdefault(account_id, set()).add(code)
    allowed = _allowed(on)
    users, rows, limits = [], [], []
    for account in accounts:
        codes = licensed.get(account.pk, {"eo"} if rng.random() < 0.7 else set())
        for n in range(rng.choice([1, 1, 2, 3, 6]) if codes else 1):
            last, first, middle = invent.person()
            users.append(ProductUser(account=account, client=members[account.pk][0], external_id=f"u{n}", full_name=f"{last} {first} {middle}", role="Бухгалтер" if n else "Администратор",
                                     registered_on=account.created_at.date(), last_login_on=on - timedelta(days=rng.choice([0, 1, 2, 5, 12, 40, 120]))))  # fmt: skip
        latest = None
        for code in sorted(codes | ({"calendar", "crm"} if rng.random() < 0.4 else set())):
            silent = rng.random() < 0.15
            never = rng.random() < 0.05
            last_day = None if never else on - timedelta(days=rng.randint(110, 300) if silent else rng.randint(0, 20))
            latest = max(latest or date.min, last_day) if last_day else latest
            busy = [0] * 12 if silent or never else [rng.randint(0, 30) for _ in range(12)]
            rows.append(AccountProduct(account=account, product=products[code], last_day=last_day, users_30=0 if silent or never else rng.randint(1, 4), sent_month=busy[-1], received_month=busy[-2],
                                       month=on.replace(day=1), weeks=busy))  # fmt: skip
        if latest:
            account.last_active_on = account.last_cloud_on = latest
        for limit, paid in sorted(allowed.get(account.pk, {}).items()):
            used = paid + rng.randint(1, 2) if rng.random() < 0.06 else rng.randint(0, paid)
            limits.append(LimitUsed(account=account, limit=limit, used=used, as_of=on))
    ProductUser.objects.bulk_create(users, batch_size=2000)
    AccountProduct.objects.bulk_create(rows, batch_size=2000)
    LimitUsed.objects.bulk_create(limits, batch_size=2000)
    Account.objects.bulk_update(accounts, ["last_active_on", "last_cloud_on"], batch_size=1000)
    _rollups(rng, products, on)
    with connection.cursor() as cursor:
        for back in range(2):
            cursor.execute("SELECT usage_make_partition(%s)", [on - timedelta(days=30 * back)])


def _rollups(rng: Random, products: dict[str, Product], on: date) -> None:
    rows = []
    for product in products.values():
        base, month = rng.randint(40, 300), on.replace(day=1)
        for _back in range(25):
            rows.append(
                UsageRollup(
                    period="month",
                    starts_on=month,
                    product=product,
                    accounts=base,
                    users=int(base * 1.7),
                    actions=base * 40,
                )
            )
            month = (month - timedelta(days=1)).replace(day=1)
            base = max(5, int(base * rng.uniform(0.94, 1.0)))
    UsageRollup.objects.bulk_create(rows, batch_size=1000)


def load_charges(rng: Random, accounts: list[Account], on: date) -> None:
    """Fresh, overdue and refused ones."""
    products = {p.code: p for p in Product.objects.all()}
    rows = []
    for account in rng.sample([a for a in accounts if a.paid_until >= on], k=len(accounts) // 9):
        kind, code, title, price = rng.choice(
            [
                ("reports", "eo", "Отчеты сверх лицензии", 450),
                ("documents", "edo", "Документы ЭДО с постоплатой", 10),
                ("other", "ofd", "Касса сверх лицензии", 300),
            ]
        )
        quantity = rng.randint(1, 60) if kind == "documents" else rng.randint(1, 4)
        formed = on - timedelta(days=rng.randint(0, 45))
        refused = on - timedelta(days=1) if rng.random() < 0.1 else None
        rows.append(Charge(account=account, product=products[code], kind=kind, limit={"reports": "reports", "documents": "documents", "other": "cash_desks"}[kind], month=formed.replace(day=1),
                           title=title, quantity=quantity, unit_price=price, amount=price * quantity, formed_on=formed, refused_on=refused, refusal_reason="Не согласны с количеством" if refused else "",
                           salespoint_id=account.salespoint_id, manager_id=account.manager_id))  # fmt: skip
    Charge.objects.bulk_create(rows)
    _blocks(rows, on)


def _blocks(rows: list[Charge], on: date) -> None:
    """What the rule blocks today, by account (billing 3.11)."""
    by_account: dict[int, list[Charge]] = {}
    for row in rows:
        by_account.setdefault(row.account_id, []).append(row)
    made = []
    for account_id, charges in by_account.items():
        facts = [ChargeFacts(c.pk, c.product_id, c.kind, c.formed_on, c.refused_on, c.settled_on) for c in charges]
        since = {c.pk: c.refused_on or c.formed_on + timedelta(days=31) for c in charges}
        for block in blocks(facts, on=on):
            made.append(
                ActiveBlock(
                    account_id=account_id,
                    scope=block.scope,
                    product_id=block.product,
                    charge_id=block.charge_id,
                    since=since[block.charge_id],
                )
            )
    ActiveBlock.objects.bulk_create(made)


def load_tickets(
    rng: Random, network: Network, accounts: list[Account], members: dict[int, list[Client]], on: date
) -> None:
    """Open ones on people and units, and resolved ones."""
    contract = ServiceContract.objects.get(is_default=True)
    problems = ProblemKind.objects.bulk_create(ProblemKind(title=title) for title in PROBLEMS)
    tickets, assignments, events, messages = [], [], [], []
    for n in range(max(60, len(accounts) // 3)):
        account = rng.choice(accounts)
        point = account.salespoint
        staff = [e for e in network.people.values() if e.salespoint_id == point.pk]
        author = rng.choice(staff)
        at = moment(on - timedelta(days=rng.randint(0, 60)), rng.randint(9, 17), rng.randint(0, 59))
        if n % 4:
            at = moment(on - timedelta(days=rng.randint(2, 400)), rng.randint(9, 17), rng.randint(0, 59))
        ticket = Ticket(number=10_000_001 + n, client=members[account.pk][0], account=account, contact_text="Главный бухгалтер", description=rng.choice(SUBJECTS), author=author, salespoint=point,
                        contract=contract, term=contract.term, created_at=at, registered_at=at, due_at=at + contract.term)  # fmt: skip
        if n % 4:
            ticket.state, ticket.problem, ticket.solution, ticket.performer = (
                "resolved",
                rng.choice(problems),
                "Показали, как сделать; проверили вместе с клиентом.",
                rng.choice(staff),
            )
            ticket.resolved_at, ticket.resolved_by = at + timedelta(hours=rng.randint(1, 40)), ticket.performer
        elif n % 8 == 0:
            ticket.state, ticket.performer = "assigned", rng.choice(staff)
        else:
            unit = next((e.department for e in staff if e.department and "поддержки" in e.department.name), None)
            ticket.state = "queued"
            ticket.unit_department, ticket.unit_salespoint = unit, None if unit else point
        tickets.append(ticket)
    Ticket.objects.bulk_create(tickets, batch_size=1000)
    for ticket in tickets:
        assignments.append(TicketAssignment(ticket=ticket, performer=ticket.performer, unit_department=ticket.unit_department, unit_salespoint=ticket.unit_salespoint,
                                            since=ticket.registered_at, until=ticket.resolved_at, by=ticket.author))  # fmt: skip
        events.append(
            TicketEvent(
                ticket=ticket,
                sequence=1,
                action="register",
                from_state="draft",
                to_state=ticket.state,
                by=ticket.author,
                at=ticket.registered_at,
            )
        )
        messages.append(
            TicketMessage(
                ticket=ticket, kind="description", text=ticket.description, by=ticket.author, at=ticket.registered_at
            )
        )
    TicketAssignment.objects.bulk_create(assignments, batch_size=1000)
    TicketEvent.objects.bulk_create(events, batch_size=1000)
    TicketMessage.objects.bulk_create(messages, batch_size=1000)
    with connection.cursor() as cursor:
        cursor.execute("SELECT setval('tickets_ticket_number', %s)", [tickets[-1].number])


def load_notes(rng: Random, accounts: list[Account], members: dict[int, list[Client]], on: date) -> None:
    texts = [
        "Просили перезвонить после двадцатого, решает главбух.",
        "Довольны, хотят подключить второй филиал.",
        "Ждут согласования бюджета.",
        "Перейдут на «Корпоративный» при продлении.",
    ]
    notes, calls = [], []
    for account in accounts:
        if account.manager_id and rng.random() < 0.35:
            at = moment(on - timedelta(days=rng.randint(1, 90)))
            client = members[account.pk][0]
            notes.append(Note(client=client, account=account, text=rng.choice(texts), at=at, by_id=account.manager_id))
            calls.append(
                CallLog(
                    client=client,
                    account=account,
                    result=rng.choice(CallResult.values[:3]),
                    comment="",
                    at=at,
                    by_id=account.manager_id,
                )
            )
    Note.objects.bulk_create(notes)
    CallLog.objects.bulk_create(calls)
