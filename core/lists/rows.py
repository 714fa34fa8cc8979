"""The table as HTML: head, rows, totals. Rows are written by Python or by the list's slim row template."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from django.template import Context
from django.template.loader import get_template
from django.utils.safestring import SafeString

from core import tables
from core.html import conditional_escape, format_html
from core.icons import icon
from core.lists.state import changed
from core.text import plural

if TYPE_CHECKING:
    from core.lists.counts import Counts
    from core.lists.page import ListPage


_TICK_ALL = (
    '<th class="c-sel" scope="col"><label class="sel-hit js"><input class="form-check-input" type="checkbox" id="sel-all"'
    ' aria-label="Выбрать все строки на странице"></label></th>'
)


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

    @property
    def head(self) -> SafeString:
        """The cells of <thead>."""
        parts = [_TICK_ALL] if self.selectable else []
        for head in self.heads():
            column, order, url = head["column"], head["sort"], head["url"]
            about = (f' class="{conditional_escape(column.css)}"' if column.css else "") + (
                f' aria-sort="{order}"' if order else ""
            )
            if column.hint:
                about += f' title="{conditional_escape(column.hint)}"'
            text = conditional_escape(column.heading)
            if url:
                arrow = f" {icon('arrow-up' if order == 'ascending' else 'arrow-down', 'ico-s')}" if order else ""
                text = f'<a href="{conditional_escape(url)}">{text}{arrow}</a>'
            parts.append(f'<th scope="col"{about}>{text or "&nbsp;"}</th>')
        if self.has_actions:
            parts.append('<th class="w1" scope="col"><span class="visually-hidden">Действия</span></th>')
        return SafeString("".join(parts))  # every part is escaped where it is made

    @property
    def boxes(self) -> SafeString:
        """The columns to choose from."""
        parts = []
        for column in self.page.all_columns():
            if not column.heading:
                continue
            about = (" checked" if column in self.columns else "") + (" disabled" if column.fixed else "")
            parts.append(
                '<label class="chk nw"><input class="form-check-input" type="checkbox" name="column"'
                f' value="{conditional_escape(column.name)}"{about}>{conditional_escape(column.heading)}</label>'
            )
        return SafeString("".join(parts))

    @property
    def body(self) -> SafeString:
        page, parts, gone = self.page, [], self.gone
        row_template = get_template(page.row_template).template if page.row_template else None
        row_actions = get_template(page.row_actions).template if page.row_actions else None
        shared = {
            "request": page.request,
            "view": page,
            "cols": {c.name: True for c in self.columns},
            "today": page.today,
        }
        cells, add = [column.td for column in self.columns], parts.append
        for index, row in enumerate(self.rows):
            pk, row_id, url = row.pk, page.row_id(row), page.row_url(row)
            number = conditional_escape(row_id)
            is_gone = bool(gone) and pk in gone
            if is_gone:
                add(format_html('<tr class="is-gone" data-gone="{}">', pk))
            else:
                key = "" if row_id == pk else f' data-pk="{conditional_escape(pk)}"'
                add(f'<tr id="row-{number}" data-id="{number}"{key}{_class(page.row_css(row))}>')
            if self.selectable:
                add('<td class="c-sel"></td>' if is_gone else self._tick(row, pk))
            context = Context({**shared, "row": row, "url": url, "id": number}) if row_template or row_actions else None
            if row_template:
                add(row_template.render(context))
            else:
                parts += [cell(row, url) for cell in cells]
            if self.has_actions:
                buttons = row_actions.render(context) if row_actions else page.row_buttons(row, url)
                add(f'<td class="ra"><span class="ra-in">{conditional_escape(buttons)}</span></td>')
            add("</tr>")
            if is_gone and (index + 1 == len(self.rows) or self.rows[index + 1].pk not in gone):
                add(self._gone_note())
        return SafeString("".join(parts))  # every part is escaped where it is made

    def _gone_note(self) -> str:
        """Under the rows that have left: why they are pale."""
        return format_html(
            '<tr class="gone-note"><td colspan="{}">Больше не подходит под фильтр: исчезнет после обновления. <a href="{}">Обновить</a></td></tr>',
            self.width, changed(self.page.params, keep_position=True),
        )  # fmt: skip

    def _tick(self, row: Any, pk: Any) -> str:
        amount = self.page.row_sum(row)
        added = "" if amount is None else f' data-sum="{conditional_escape(amount)}"'
        title = conditional_escape(self.label.text(self.label.value(row)))
        return (
            '<td class="c-sel"><label class="sel-hit"><input class="form-check-input" type="checkbox" name="pk"'
            f' value="{conditional_escape(pk)}"{added} aria-label="Выбрать: {title}"></label></td>'
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


def _class(css: str) -> str:
    return f' class="{css}"' if css else ""
