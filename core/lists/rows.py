"""The table as HTML: head, rows, totals. Rows are written by Python or by the list's slim row template."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from django.template import Context
from django.template.loader import get_template
from django.utils.safestring import SafeString

from core import tables
from core.html import conditional_escape, format_html
from core.lists.state import changed
from core.text import plural

if TYPE_CHECKING:
    from core.lists.counts import Counts
    from core.lists.page import ListPage


class TableView:
    """What templates/lists/table.html draws."""

    def __init__(self, page: ListPage, found: list[Any], totals: Counts, gone: frozenset[Any] = frozenset()) -> None:
        self.page, self.rows, self.totals, self.gone = page, found, totals, gone
        self.columns, self.selectable = page.shown, bool(page.bulk)
        self.has_actions = bool(page.row_actions or page.row_buttons)
        self.label = next((c for c in page.table if isinstance(c, tables.Link)), page.table[0])

    def heads(self) -> Iterator[dict[str, Any]]:
        """Columns with the link that orders by them and their aria-sort."""
        now = self.page.sort
        for column in self.columns:
            state = {column.name: "ascending", f"-{column.name}": "descending"}.get(now, "")
            url = ""
            if column.orders:
                url = changed(self.page.params, sort=f"-{column.name}" if now == column.name else column.name)
            yield {"column": column, "url": url, "sort": state}

    @property
    def width(self) -> int:
        """Cells of a row."""
        return len(self.columns) + self.selectable + self.has_actions

    def body(self) -> SafeString:
        page, parts = self.page, []
        row_template = get_template(page.row_template).template if page.row_template else None
        row_actions = get_template(page.row_actions).template if page.row_actions else None
        shared = {
            "request": page.request,
            "view": page,
            "cols": {c.name: True for c in self.columns},
            "today": page.today,
        }
        for index, row in enumerate(self.rows):
            row_id, url = page.row_id(row), page.row_url(row)
            number = conditional_escape(row_id)
            is_gone = bool(self.gone) and row.pk in self.gone
            if is_gone:
                parts.append(format_html('<tr class="is-gone" data-gone="{}">', row.pk))
            else:
                key = "" if row_id == row.pk else format_html(' data-pk="{}"', row.pk)
                parts.append(f'<tr id="row-{number}" data-id="{number}"{key}{_class(page.row_css(row))}>')
            if self.selectable:
                parts.append('<td class="c-sel"></td>' if is_gone else self._tick(row))
            context = Context({**shared, "row": row, "url": url, "id": number}) if row_template or row_actions else None
            if row_template:
                parts.append(row_template.render(context))
            else:
                parts += [_cell(column, row, url) for column in self.columns]
            if self.has_actions:
                buttons = row_actions.render(context) if row_actions else page.row_buttons(row, url)
                parts.append(f'<td class="ra"><span class="ra-in">{conditional_escape(buttons)}</span></td>')
            parts.append("</tr>")
            if is_gone and (index + 1 == len(self.rows) or self.rows[index + 1].pk not in self.gone):
                parts.append(self._gone_note())
        return SafeString("".join(parts))  # every part is escaped where it is made

    def _gone_note(self) -> str:
        """Under the rows that have left: why they are pale."""
        return format_html(
            '<tr class="gone-note"><td colspan="{}">Больше не подходит под фильтр: исчезнет после обновления. <a href="{}">Обновить</a></td></tr>',
            self.width, changed(self.page.params, keep_position=True),
        )  # fmt: skip

    def _tick(self, row: Any) -> str:
        amount = self.page.row_sum(row)
        added = "" if amount is None else f' data-sum="{conditional_escape(amount)}"'
        title = conditional_escape(self.label.text(self.label.value(row)))
        return (
            '<td class="c-sel"><label class="sel-hit"><input class="form-check-input" type="checkbox" name="pk"'
            f' value="{conditional_escape(row.pk)}"{added} aria-label="Выбрать: {title}"></label></td>'
        )

    def foot(self) -> list[tuple[int, str, str]]:
        """(colspan, css, text) of the totals row; empty when nothing is added up."""
        if not any(c.total for c in self.columns) or self.totals.capped or not self.rows:
            return []
        words = f"Итого по фильтру: {self.totals.total} {plural(self.totals.total, *self.page.noun)}"
        cells: list[tuple[int, str, str]] = [(1, "", "")] if self.selectable else []
        first = max(next(i for i, c in enumerate(self.columns) if c.total), 1)
        # Columns that narrow windows hide keep cells of their own: a span over them would push the sums aside.
        low = [c for c in self.columns[:first] if " lo" in c.css]
        cells.append((first - len(low), "", words))
        cells += [(1, c.css, "") for c in low]
        for column in self.columns[first:]:
            text = column.text(self.totals.sums[column.name]) if column.total else ""
            cells.append((1, column.css.replace("c-acc", ""), text))
        return [*cells, (1, "", "")] if self.has_actions else cells


def _cell(column: tables.Column, row: Any, url: str) -> str:
    if isinstance(column, tables.Link) and url:
        return f'<td class="{column.css}">{column.cell_with(row, url)}</td>'
    inner = column.cell(row)
    return f"{column.opening if inner else column.opening_empty}{inner}</td>"


def _class(css: str) -> str:
    return f' class="{css}"' if css else ""
