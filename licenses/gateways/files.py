"""The file adapter: CommerceML 2.x out, one file a message; statements come back through their own folder (russia.md 3.6).

A file appears whole (written beside, then renamed) and its name is made of the key: sent twice, it is one file.
"""

from __future__ import annotations

import os
import re
import tempfile
from decimal import Decimal
from pathlib import Path
from typing import Any

from lxml import etree

from .base import Answer, GatewayDown, Page, Staff

VERSION = "2.05"
OPERATIONS = {"invoice": "Счет на оплату", "shipment": "Отпуск товара", "payment": "Выплата безналичных денег"}


class FileGateway:
    name = "files"

    def __init__(self, folder: str) -> None:
        if not folder:
            raise ValueError("SBILLING_GATEWAY_FOLDER is needed for the files gateway.")
        self.folder = Path(folder)

    def invoice_create(self, key: str, invoice: dict[str, Any]) -> Answer:
        return self._write(key, document(invoice, "invoice"))

    def invoice_cancel(self, key: str, invoice: dict[str, Any]) -> Answer:
        return self._write(key, document(invoice, "invoice", cancelled=True))

    def invoice_state(self, invoice_key: str) -> Answer:
        return Answer()

    def payment(self, key: str, payment: dict[str, Any]) -> Answer:
        return self._write(key, document(payment, "payment"))

    def shipment(self, key: str, shipment: dict[str, Any]) -> Answer:
        return self._write(key, document(shipment, "shipment", cancelled=shipment.get("state") == "cancelled"))

    def events(self, cursor: str) -> Page:
        return Page([], cursor)

    def employees(self) -> list[Staff]:
        return []

    def _write(self, key: str, root: etree._Element) -> Answer:
        name = re.sub(r"[^0-9A-Za-z._-]", "-", key) + ".xml"
        data = etree.tostring(root, xml_declaration=True, encoding="windows-1251", pretty_print=True)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            handle, beside = tempfile.mkstemp(prefix=".", suffix=".tmp", dir=self.folder)
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(data)
                    file.flush()
                    os.fsync(file.fileno())
                os.replace(beside, self.folder / name)
            except BaseException:
                Path(beside).unlink(missing_ok=True)
                raise
        except OSError as error:
            raise GatewayDown(
                f"Файл для учетной системы не записан ({error.strerror or type(error).__name__})."
            ) from error
        return Answer(data={"file": name})


def document(payload: dict[str, Any], kind: str, *, cancelled: bool = False) -> etree._Element:
    """`КоммерческаяИнформация` with one document. Money with a point, dates ISO, as 1С writes them."""
    date = payload.get("on") or payload["issued_on"]
    root = etree.Element("КоммерческаяИнформация", ВерсияСхемы=VERSION, ДатаФормирования=date)
    doc = etree.SubElement(root, "Документ")
    _texts(doc, [
        ("Ид", payload["key"]), ("Номер", payload["number"]), ("Дата", date), ("ХозОперация", OPERATIONS[kind]), ("Роль", "Продавец"),
        ("Валюта", "RUB"), ("Курс", "1"), ("Сумма", payload["total"]),
    ])  # fmt: skip
    parties = etree.SubElement(doc, "Контрагенты")
    for facts, role in ((payload["seller"], "Продавец"), (payload["payer"], "Покупатель")):
        _texts(etree.SubElement(parties, "Контрагент"), [
            ("Ид", f"{facts.get('inn', '')}#{facts.get('kpp', '')}"), ("Наименование", facts.get("name", "")), ("Роль", role),
            ("ПолноеНаименование", facts.get("full_name") or facts.get("name", "")), ("ИНН", facts.get("inn", "")), ("КПП", facts.get("kpp", "")),
        ])  # fmt: skip
    if payload.get("lines"):
        goods = etree.SubElement(doc, "Товары")
        for line in payload["lines"]:
            _line(goods, line)
    facts = [("Номер счета", payload.get("invoice_number", "")), ("Срок действия", payload.get("valid_until", ""))]
    facts += [
        ("Номер платежного документа", payload.get("payment_number", "")),
        ("Отменен", "true" if cancelled else "false"),
    ]
    requisites = etree.SubElement(doc, "ЗначенияРеквизитов")
    for name, value in facts:
        if value:
            _texts(etree.SubElement(requisites, "ЗначениеРеквизита"), [("Наименование", name), ("Значение", value)])
    return root


def _line(goods: etree._Element, line: dict[str, Any]) -> None:
    item = etree.SubElement(goods, "Товар")
    _texts(item, [("Ид", line["code"] or line["title"]), ("Наименование", line["title"])])
    unit = etree.SubElement(item, "БазоваяЕдиница", Код=line["okei"], НаименованиеПолное=line["unit"])
    unit.text = _safe(line["unit"])
    price = (Decimal(line["amount"]) / line["quantity"]).quantize(Decimal("0.01"))
    _texts(item, [("ЦенаЗаЕдиницу", str(price)), ("Количество", str(line["quantity"])), ("Сумма", line["amount"])])
    taxes = etree.SubElement(item, "СтавкиНалогов")
    rate = "Без налога" if line["vat_rate"] is None else line["vat_rate"]
    _texts(etree.SubElement(taxes, "СтавкаНалога"), [("Наименование", "НДС"), ("Ставка", rate)])
    if line["vat_rate"] is not None:
        tax = etree.SubElement(etree.SubElement(item, "Налоги"), "Налог")
        _texts(tax, [("Наименование", "НДС"), ("УчтеноВСумме", "true"), ("Сумма", line["vat_amount"])])
    values = etree.SubElement(item, "ЗначенияРеквизитов")
    for name in ("ВидНоменклатуры", "ТипНоменклатуры"):
        _texts(etree.SubElement(values, "ЗначениеРеквизита"), [("Наименование", name), ("Значение", "Услуга")])


def _texts(parent: etree._Element, pairs: list[tuple[str, str]]) -> None:
    for name, value in pairs:
        etree.SubElement(parent, name).text = _safe(value)


def _safe(text: str) -> str:
    """Characters XML can hold; lxml refuses the others."""
    return re.sub(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", " ", str(text))
