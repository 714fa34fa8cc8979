"""The invoice as a PDF of A4 pages: the same facts as the printed page, with the vendored font inside."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from io import BytesIO
from pathlib import Path
from xml.sax.saxutils import escape

from django.conf import settings
from reportlab.lib import colors
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import Flowable, KeepTogether, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from .facts import InvoiceFacts
from .qr import PaymentQr

FONTS = Path(__file__).resolve().parent.parent / "fonts"
REGULAR, BOLD = "DejaVuSans", "DejaVuSans-Bold"
MARGIN = 15 * mm
WIDTH = A4[0] - 2 * MARGIN
QR_SIDE = 36 * mm
PADDING = 13  # of a cell, left and right, points
GRID = [
    ("GRID", (0, 0), (-1, -1), 0.5, colors.black),
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("TOPPADDING", (0, 0), (-1, -1), 2),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
]
PLAIN = [("VALIGN", (0, 0), (-1, -1), "TOP"), ("LEFTPADDING", (0, 0), (0, -1), 0)]

TEXT = ParagraphStyle("text", fontName=REGULAR, fontSize=8.5, leading=11)
STRONG = ParagraphStyle("strong", TEXT, fontName=BOLD)
RIGHT = ParagraphStyle("right", TEXT, alignment=TA_RIGHT)
STRONG_RIGHT = ParagraphStyle("strong-right", STRONG, alignment=TA_RIGHT)
TITLE = ParagraphStyle("title", STRONG, fontSize=14, leading=18, spaceBefore=10, spaceAfter=6)


class QrImage(Flowable):
    """The payment QR, drawn module by module."""

    def __init__(self, qr: PaymentQr) -> None:
        super().__init__()
        self.qr, self.width, self.height = qr, QR_SIDE, QR_SIDE

    def draw(self) -> None:
        module = QR_SIDE / self.qr.size
        for x, y, width in self.qr.runs:
            self.canv.rect(x * module, QR_SIDE - (y + 1) * module, width * module, module, stroke=0, fill=1)


def invoice_pdf(facts: InvoiceFacts) -> bytes:
    """The file; the same facts give the same bytes."""
    _register_fonts()
    out = BytesIO()
    document = SimpleDocTemplate(
        out, pagesize=A4, leftMargin=MARGIN, rightMargin=MARGIN, topMargin=MARGIN, bottomMargin=MARGIN,
        title=facts.title, author=settings.BRAND["name"], lang="ru", invariant=1,
    )  # fmt: skip
    document.build([*_top(facts), _parties(facts), Spacer(1, 8), _lines(facts), *_bottom(facts)])
    return out.getvalue()


@cache
def _register_fonts() -> None:
    for name in (REGULAR, BOLD):
        pdfmetrics.registerFont(TTFont(name, FONTS / f"{name}.ttf"))


def _p(text: str, style: ParagraphStyle = TEXT) -> Paragraph:
    return Paragraph(escape(text), style)


def _top(facts: InvoiceFacts) -> list[Flowable]:
    bank = Table(
        [[_p(label), _p(value)] for label, value in facts.bank], colWidths=[32 * mm, None], style=TableStyle(GRID)
    )
    if facts.qr:
        side = [QrImage(facts.qr), _p("Оплата по QR-коду")]
        bank = Table([[bank, side]], colWidths=[WIDTH - QR_SIDE - 6 * mm, QR_SIDE + 6 * mm], style=TableStyle(PLAIN))
    title = [_p(facts.title, TITLE)]
    return [bank, *title, *([_p("Аннулирован, не оплачивайте его.", STRONG)] if facts.is_cancelled else [])]


def _parties(facts: InvoiceFacts) -> Table:
    rows = [("Поставщик", facts.seller), ("Покупатель", facts.buyer), ("Основание", facts.basis)]
    cells = [[_p(f"{label}:"), _p(value, STRONG)] for label, value in rows]
    return Table(cells, colWidths=[26 * mm, WIDTH - 26 * mm], style=TableStyle(PLAIN))


def _lines(facts: InvoiceFacts) -> Table:
    heads = ["№", "Товары (работы, услуги)", "Кол-во", "Ед.", "Цена", "Скидка", "Сумма", "НДС"]
    least = [8 * mm, 0, 14 * mm, 14 * mm, 24 * mm, 22 * mm, 26 * mm, 26 * mm]
    texts = [
        (line.position, "", line.quantity, line.unit, line.price, line.discount, line.amount, line.vat)
        for line in facts.lines
    ]
    widths = [
        _fitting(width, head, column) if width else 0
        for width, head, column in zip(least, heads, zip(*texts, strict=True), strict=True)
    ]
    rows = [[_p(head, STRONG) for head in heads]]
    for line in facts.lines:
        sums = [_p(text, RIGHT) for text in (line.price, line.discount, line.amount, line.vat)]
        rows.append([_p(line.position), _p(line.title), _p(line.quantity, RIGHT), _p(line.unit), *sums])
    if not facts.has_discount:
        rows, widths = [[*row[:5], *row[6:]] for row in rows], [*widths[:5], *widths[6:]]
    widths[1] = WIDTH - sum(widths)
    return Table(rows, colWidths=widths, repeatRows=1, style=TableStyle(GRID))


def _fitting(least: float, head: str, texts: Iterable[str]) -> float:
    """The width of a column in which no word is broken: a sum of millions stays one number."""
    words = [(BOLD, head), *((REGULAR, word) for text in texts for word in text.split(" "))]
    return max(least, *(pdfmetrics.stringWidth(word, font, TEXT.fontSize) + PADDING for font, word in words))


def _bottom(facts: InvoiceFacts) -> list[Flowable]:
    totals = [[_p(f"{label}:", STRONG_RIGHT), _p(amount, STRONG_RIGHT)] for label, amount in facts.totals]
    notes = [_p(text) for text in facts.grounds]
    if facts.valid_until:
        notes.append(_p(f"Счет действителен до {facts.valid_until}.", STRONG))
    signers = [[_p(post, STRONG), _p("_" * 24), _p(name)] for post, name in facts.signers]
    return [
        KeepTogether([
            Table(totals, colWidths=[WIDTH - 34 * mm, 34 * mm], style=TableStyle(PLAIN)),
            _p(facts.count), _p(facts.words, STRONG), Spacer(1, 6), *notes, Spacer(1, 14),
            Table(signers, colWidths=[34 * mm, 60 * mm, WIDTH - 94 * mm], style=TableStyle(PLAIN)),
        ])
    ]  # fmt: skip
