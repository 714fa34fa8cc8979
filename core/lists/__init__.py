"""Declared list pages: filter, columns, order, counters, saved selections, Excel, bulk actions in one place.

    class AccountTable(tables.Table):                                          # accounts/lists/columns.py
        name = tables.Link("Аккаунт", order_by="name_norm", keyset=True, sub=lambda a: f"№ {formats.group(a.number)}")
        ends_on = tables.Date("Окончание", order_by="ends_on", keyset=True)    # keyset: a NOT NULL column with an index (col, id)
        amount = tables.Money("К продлению, ₽", order_by="amount", total=True)
        manager = tables.Person("Ответственный", low=1)                        # low=1: hidden below 1350 px

    class AccountList(ListPage):                                               # accounts/views/lists.py
        title, section, right = "Аккаунты", "accounts", Right.ACCOUNT_VIEW
        noun = ("аккаунт", "аккаунта", "аккаунтов")
        table_class, filterset_class, order = AccountTable, AccountFilter, "-ends_on"
        segments = (Segment("", "Все"), Segment("d7", "до 7 дней", lambda page: Q(ends_on__lte=page.today + WEEK), tone="bad"))
        actions = (SetOutcomeMany,)                                            # core.actions.BulkAction
        row_actions = "accounts/row_actions.html"                              # buttons at the end of a row: {{ row }}, {{ url }}

        def get_queryset(self):
            return Account.objects.visible_to(self.request.user).select_related("manager")

        def row_id(self, row):
            return row.number                                                  # data-id: what stands in the row's URL

    path("accounts/", AccountList.as_view(), name="accounts")                  # accounts/urls.py

URL: filters, `seg`, `sort=-ends_on`, `page=2`, `size=100`, `format=xlsx`, `all=1` (no filter at all).
`default_query = "state=open"` narrows the bare URL. A list that must be quicker gets `row_template` (cells only,
{% if cols.amount %}<td …>). Without Link columns with a URL rows have no cards. Other hooks: see `ListPage`.
"""

from core.lists.page import Found, ListPage, registry
from core.lists.parts import HeadAction, Preset, Segment, Tab

__all__ = ["Found", "HeadAction", "ListPage", "Preset", "Segment", "Tab", "registry"]
