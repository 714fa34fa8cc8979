"""The file adapter: CommerceML that reads back, a file that appears whole, once a key (russia.md 3.6)."""

from __future__ import annotations

import os
from decimal import Decimal
from pathlib import Path

import pytest
from lxml import etree

from core import clock
from licenses import gateways
from licenses.gateways import GatewayDown
from licenses.gateways.files import FileGateway
from licenses.models import OutboxMessage
from licenses.services import outbox

pytestmark = pytest.mark.django_db

REAL = os.environ.get("SBILLING_REAL_DATA")


@pytest.fixture
def folder(settings, tmp_path) -> Path:
    settings.GATEWAY, settings.GATEWAY_FOLDER = "files", str(tmp_path / "out")
    return tmp_path / "out"


@pytest.fixture
def invoice(shop, folder):
    account = shop.account()
    shop.client.name = "ООО «Рога & копыта <\x01>»"
    shop.client.save(update_fields=["name"])
    shop.choose(account, "eo-basic", "ofd-desk", quantity=2)
    return shop.issue(account)


def deliver_all() -> None:
    for _ in range(5):
        OutboxMessage.objects.filter(state="waiting").update(next_try_at=clock.system_now())
        for pk in outbox.due():
            outbox.deliver(pk)


def read(path: Path) -> etree._Element:
    return etree.fromstring(path.read_bytes())


@pytest.mark.rows("R2.96")
def test_a_sale_as_files(invoice, shop, folder):
    shop.pay(invoice)
    shop.ship(invoice)
    deliver_all()
    names = sorted(path.name.partition("-")[0] for path in folder.iterdir())
    assert names == ["invoice", "payment", "shipment"]
    root = read(next(folder.glob("invoice-*.xml")))
    document = root.find("Документ")
    assert (root.tag, document.findtext("ХозОперация"), document.findtext("Номер")) == (
        "КоммерческаяИнформация", "Счет на оплату", invoice.number,
    )  # fmt: skip
    goods = document.findall("Товары/Товар")
    assert (
        sum(Decimal(item.findtext("Сумма")) for item in goods) == Decimal(document.findtext("Сумма")) == invoice.total
    )
    assert [item.find("БазоваяЕдиница").get("Код") for item in goods] == [line.okei for line in invoice.lines.all()]
    assert [item.findtext("СтавкиНалогов/СтавкаНалога/Ставка") for item in goods] == ["Без налога", "22"]
    buyer = document.findall("Контрагенты/Контрагент")[1]
    assert buyer.findtext("ИНН") == shop.client.inn
    assert "Рога & копыта" in buyer.findtext("Наименование")


def test_sent_again_it_is_the_same_file(invoice, folder):
    deliver_all()
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    OutboxMessage.objects.update(state="waiting")
    deliver_all()
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_folder_that_cannot_be_written_waits(invoice, folder):
    folder.write_text("a file where the folder should be")
    deliver_all()
    row = OutboxMessage.objects.get()
    assert (row.state, row.last_error.startswith("Файл для учетной системы не записан")) == ("waiting", True)
    folder.unlink()
    deliver_all()
    assert len(list(folder.iterdir())) == 1


def test_nothing_half_written_is_left(folder, monkeypatch):
    monkeypatch.setattr(os, "replace", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left")))
    with pytest.raises(GatewayDown):
        FileGateway(str(folder))._write("invoice:1", etree.Element("a"))
    assert not list(folder.iterdir())


def test_the_dialect_is_that_of_the_samples(invoice, folder):
    """Every element we write stands in the same place in a real file, or is one of the few it has not."""
    deliver_all()
    ours = _paths(read(next(folder.glob("invoice-*.xml"))))
    if not REAL:
        assert ours
        return
    real = set().union(
        *(_paths(etree.parse(path).getroot()) for path in sorted((Path(REAL) / "commerceml").glob("*.xml")))
    )
    extra = {path.rpartition("/")[2] for path in ours - real}
    assert extra <= {"ИНН", "КПП", "СтавкиНалогов", "СтавкаНалога", "Ставка", "Налоги", "Налог", "УчтеноВСумме", "Наименование", "Сумма"}  # fmt: skip


def _paths(root: etree._Element, above: str = "") -> set[str]:
    here = f"{above}/{root.tag}"
    return {here}.union(*(_paths(child, here) for child in root if isinstance(child.tag, str)))


def test_the_setting_chooses(settings, tmp_path):
    for name, url in (("builtin", ""), ("files", ""), ("http", "http://127.0.0.1:1")):
        settings.GATEWAY, settings.GATEWAY_FOLDER, settings.GATEWAY_URL, settings.GATEWAY_SECRET = (
            name,
            str(tmp_path),
            url,
            "s",
        )
        assert gateways.current().name == name
    settings.GATEWAY = "1c"
    with pytest.raises(ValueError, match="SBILLING_GATEWAY"):
        gateways.current()


def test_every_adapter_answers_the_whole_interface(settings, tmp_path):
    for name in ("builtin", "files"):
        settings.GATEWAY, settings.GATEWAY_FOLDER = name, str(tmp_path)
        gateway = gateways.current()
        assert gateway.employees() == []
        assert gateway.events("7").cursor == "7"
        assert gateway.invoice_state("x").state == ""
