"""`manage.py check_invariants`: the queries of every app that must find nothing; exit 1 and a table otherwise."""

from __future__ import annotations

from django.core.management.base import BaseCommand, CommandParser

from core import invariants


class Command(BaseCommand):
    help = "Проверить инварианты данных; код 1, если что-то нарушено"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("codes", nargs="*", help="только эти проверки; без имен все")

    def handle(self, *args, codes: list[str], **options) -> None:
        known = {invariant.code for invariant in invariants.every()}
        unknown = set(codes) - known
        if unknown:
            self.stderr.write(f"Нет проверок: {', '.join(sorted(unknown))}. Есть: {', '.join(sorted(known))}.")
            raise SystemExit(2)
        found = invariants.check(codes or None)
        for finding in found:
            self.stdout.write(f"\n{finding.invariant.code}: {finding.invariant.title}")
            self._table(finding)
        self.stdout.write(f"\nПроверок {len(codes or known)}, нарушено {len(found)}")
        if found:
            raise SystemExit(1)

    def _table(self, finding: invariants.Finding) -> None:
        lines = [finding.columns, *[["" if value is None else str(value) for value in row] for row in finding.rows]]
        widths = [min(max(len(line[n]) for line in lines), 60) for n in range(len(finding.columns))]
        for line in lines:
            self.stdout.write(
                "  " + "  ".join(cell[:60].ljust(width) for cell, width in zip(line, widths, strict=True))
            )
        if finding.more:
            self.stdout.write("  …")
