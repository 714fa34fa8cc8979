"""Price lists: draft → published → archived; what is published never changes (billing 3.2, decision 8)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta

from core import clock, journal
from core.db import in_transaction
from core.errors import DomainError
from core.rights import require
from core.text import clean
from licenses.choices import ListState
from licenses.importers.price_sheet import KEY, SheetPrice
from licenses.models import Price, PriceList
from partners.models import Employee
from partners.rights import Right

ONE_DAY = timedelta(days=1)


@in_transaction
def price_list_create(
    *, title: str, by: Employee, copy_of: int | None = None, valid_from: date | None = None
) -> PriceList:
    """A draft, empty or with the prices of another list; `valid_from` moves the beginning of the copied ones."""
    require(by, Right.PRICE_CHANGE)
    title = clean(title)
    if len(title) < 2:
        raise DomainError("Назовите прайс-лист.", field="title")
    made = PriceList.objects.create(title=title[:120], created_at=clock.now(), created_by=by)
    if copy_of is not None:
        rows = Price.objects.filter(price_list=copy_of)
        if valid_from is not None:
            rows = rows.filter(valid_to__gte=valid_from)
        if not rows.exists():
            raise DomainError(
                "В этом прайс-листе нет цен, которые действуют с этого дня: выберите другой прайс-лист или день.",
                field="source",
                code="nothing_to_copy",
            )
        Price.objects.bulk_create(
            Price(
                price_list=made, item_id=row.item_id, scope=row.scope, scope_id=row.scope_id, payer_kind=row.payer_kind, months=row.months,
                valid_from=max(row.valid_from, valid_from) if valid_from else row.valid_from, valid_to=row.valid_to, amount=row.amount,
            )
            for row in rows
        )  # fmt: skip
    journal.record(made, "price_list.created", by=by, data={"title": made.title, "copy_of": copy_of})
    return made


@in_transaction
def price_set(*, price_list_id: int, price: SheetPrice, by: Employee, price_id: int | None = None) -> Price:
    """Add a price to a draft, or change one of it. Two prices on one day are refused by the schema."""
    draft = _draft(price_list_id, by)
    values = {name: getattr(price, name) for name in (*KEY, "valid_to", "amount")}
    if price_id is None:
        row = Price.objects.create(price_list=draft, **values)
        journal.record(draft, "price.added", by=by, data={"price": row.pk, **values})
        return row
    row = Price.objects.select_for_update().get(pk=price_id, price_list=draft)
    changed = journal.changes(row, values)
    if changed:
        row.save(update_fields=list(changed))
        journal.record(draft, "price.changed", by=by, data={"price": row.pk, **changed})
    return row


@in_transaction
def price_remove(*, price_id: int, by: Employee) -> None:
    """Take a price out of a draft."""
    draft = _draft(Price.objects.values_list("price_list_id", flat=True).get(pk=price_id), by)
    Price.objects.filter(pk=price_id).delete()
    journal.record(draft, "price.removed", by=by, data={"price": price_id})


@in_transaction
def price_list_import(*, price_list_id: int, prices: Sequence[SheetPrice], by: Employee) -> dict[str, int]:
    """The draft becomes what the sheet says: {"added", "changed", "gone"}. The same sheet again changes nothing."""
    draft = _draft(price_list_id, by)
    now = {tuple(getattr(row, name) for name in KEY): row for row in draft.prices.select_for_update()}
    new = {price.key: price for price in prices}
    gone = [row.pk for key, row in now.items() if key not in new]
    Price.objects.filter(pk__in=gone).delete()
    changed = []
    for key, row in now.items():
        if key in new and (row.amount, row.valid_to) != (new[key].amount, new[key].valid_to):
            row.amount, row.valid_to = new[key].amount, new[key].valid_to
            changed.append(row)
    # Shortened rows first: a longer neighbour must find its days free.
    for row in sorted(changed, key=lambda row: row.valid_to):
        row.save(update_fields=["amount", "valid_to"])
    added = [
        Price(price_list=draft, valid_to=p.valid_to, amount=p.amount, **dict(zip(KEY, key, strict=True)))
        for key, p in new.items()
        if key not in now
    ]
    Price.objects.bulk_create(added, batch_size=1000)
    counts = {"added": len(added), "changed": len(changed), "gone": len(gone)}
    journal.record(draft, "price_list.imported", by=by, data=counts)
    return counts


@in_transaction
def price_list_publish(*, price_list_id: int, by: Employee, on: date) -> PriceList:
    """Prices of the draft stand from their days on; the published ones they meet end the day before.

    No price begins in the past: documents of earlier days would be priced anew.
    """
    draft = _draft(price_list_id, by)
    rows = list(draft.prices.select_for_update().order_by("pk"))
    if not rows:
        raise DomainError("В прайс-листе нет цен: добавьте их или загрузите из Excel.", code="empty")
    early = [row for row in rows if row.valid_from < on]
    if early:
        raise DomainError(
            f"Цены вступают в силу не раньше сегодняшнего дня, а {len(early)} из них — с {min(r.valid_from for r in early):%d.%m.%Y}: исправьте даты.",
            code="past",
        )
    ended = _give_way(rows)
    Price.objects.filter(price_list=draft).update(state=ListState.PUBLISHED)
    draft.state, draft.published_at, draft.published_by = ListState.PUBLISHED, clock.now(), by
    draft.version += 1
    draft.save(update_fields=["state", "published_at", "published_by", "version"])
    journal.record(draft, "price_list.published", by=by, data={"prices": len(rows), "ended": ended})
    return draft


@in_transaction
def price_list_archive(*, price_list_id: int, by: Employee) -> PriceList:
    """Nothing is sold by it any more; invoices keep what they copied. A draft is put away too."""
    require(by, Right.PRICE_CHANGE)
    found = PriceList.objects.select_for_update().get(pk=price_list_id)
    if found.state == ListState.ARCHIVED:
        return found
    Price.objects.filter(price_list=found).update(state=ListState.ARCHIVED)
    found.state = ListState.ARCHIVED
    found.version += 1
    found.save(update_fields=["state", "version"])
    journal.record(found, "price_list.archived", by=by, data={"title": found.title})
    return found


def _draft(pk: int, by: Employee) -> PriceList:
    require(by, Right.PRICE_CHANGE)
    found = PriceList.objects.select_for_update().get(pk=pk)
    if found.state != ListState.DRAFT:
        raise DomainError("Опубликованный прайс-лист не меняется: создайте новый на его основе.", code="frozen")
    return found


SAME = ("item_id", "scope", "scope_id", "payer_kind", "months")


def _give_way(rows: list[Price]) -> int:
    """Published prices of the same item, scope, payer and term leave the days of the new ones; how many did.

    What of an old price lies after a new one goes on as a price of the new list: a price of one month ends with it.
    """
    taken: dict[tuple, list[Price]] = defaultdict(list)
    for row in rows:
        taken[tuple(getattr(row, name) for name in SAME)].append(row)
    first = min(row.valid_from for row in rows)
    old_rows = Price.objects.filter(
        item__in={row.item_id for row in rows}, state=ListState.PUBLISHED, valid_to__gte=first
    )
    ended, tails = 0, []
    for old in old_rows.order_by("pk").select_for_update():
        left = _left_of((old.valid_from, old.valid_to), taken.get(tuple(getattr(old, name) for name in SAME), []))
        if left == [(old.valid_from, old.valid_to)]:
            continue
        ended += 1
        keeps = bool(left) and left[0][0] == old.valid_from
        if keeps:
            old.valid_to = left.pop(0)[1]
        else:
            old.state = ListState.ARCHIVED
        old.save(update_fields=["state", "valid_to"])
        tails += [
            Price(
                price_list=rows[0].price_list,
                amount=old.amount,
                valid_from=begin,
                valid_to=end,
                **{name: getattr(old, name) for name in SAME},
            )
            for begin, end in left
        ]
    Price.objects.bulk_create(tails)
    return ended


def _left_of(span: tuple[date, date], taken: list[Price]) -> list[tuple[date, date]]:
    """The days of a span that no new price takes, as spans in order."""
    left, begin = [], span[0]
    for row in sorted(taken, key=lambda row: row.valid_from):
        if row.valid_to < begin or row.valid_from > span[1]:
            continue
        if row.valid_from > begin:
            left.append((begin, row.valid_from - ONE_DAY))
        begin = row.valid_to + ONE_DAY
    return [*left, (begin, span[1])] if begin <= span[1] else left
