"""What the schema promises about money: frozen invoices, sums, published prices, licences inside their terms (billing 3.13)."""

from datetime import date
from decimal import Decimal

from django.db import migrations

from core.sql import refuse

FROZEN_INVOICE = """
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF OLD.state <> 'draft' THEN REFUSE; END IF;
        RETURN OLD;
    END IF;
    IF OLD.state <> 'draft' AND (
        (NEW.account_id, NEW.legal_entity_id, NEW.payer_id, NEW.payer_data, NEW.year, NEW.sequence, NEW.number, NEW.issued_on, NEW.total)
        IS DISTINCT FROM
        (OLD.account_id, OLD.legal_entity_id, OLD.payer_id, OLD.payer_data, OLD.year, OLD.sequence, OLD.number, OLD.issued_on, OLD.total)
        OR NEW.state = 'draft' OR (OLD.state = 'cancelled' AND NEW.state <> 'cancelled')
    ) THEN REFUSE; END IF;
    RETURN NEW;
END
"""
# VAT is fixed on the day of shipment, so the VAT columns of a line may still move; money may not.
FROZEN_LINE = """
DECLARE invoice_state text;
BEGIN
    SELECT state INTO invoice_state FROM licenses_invoice WHERE id = COALESCE(NEW.invoice_id, OLD.invoice_id);
    IF invoice_state IS NOT NULL AND invoice_state <> 'draft' AND (
        TG_OP <> 'UPDATE'
        OR (NEW.invoice_id, NEW.position, NEW.item_id, NEW.license_id, NEW.title, NEW.quantity, NEW.price, NEW.list_amount, NEW.discount, NEW.amount)
        IS DISTINCT FROM
        (OLD.invoice_id, OLD.position, OLD.item_id, OLD.license_id, OLD.title, OLD.quantity, OLD.price, OLD.list_amount, OLD.discount, OLD.amount)
    ) THEN REFUSE; END IF;
    RETURN COALESCE(NEW, OLD);
END
"""
TOTAL = """
BEGIN
    IF EXISTS (
        SELECT 1 FROM licenses_invoice i
        CROSS JOIN LATERAL (
            SELECT COALESCE(sum(l.amount), 0) AS amount, COALESCE(sum(l.vat_amount), 0) AS vat
            FROM licenses_invoiceline l WHERE l.invoice_id = i.id
        ) lines
        WHERE i.id = NEW.id AND i.state <> 'draft' AND (i.total <> lines.amount OR i.vat_total <> lines.vat)
    ) THEN REFUSE; END IF;
    RETURN NULL;
END
"""
ALLOCATED_MONEY = """
DECLARE invoice_total numeric; paid numeric; payment_amount numeric; used numeric;
BEGIN
    IF NEW.undone_at IS NOT NULL THEN RETURN NEW; END IF;
    SELECT total INTO invoice_total FROM licenses_invoice WHERE id = NEW.invoice_id FOR UPDATE;
    SELECT COALESCE(sum(amount), 0) INTO paid FROM licenses_paymentallocation
        WHERE invoice_id = NEW.invoice_id AND undone_at IS NULL AND id IS DISTINCT FROM NEW.id;
    IF paid + NEW.amount > invoice_total THEN REFUSE; END IF;
    IF NEW.payment_id IS NOT NULL THEN
        SELECT amount INTO payment_amount FROM licenses_payment WHERE id = NEW.payment_id FOR UPDATE;
        SELECT COALESCE(sum(amount), 0) INTO used FROM licenses_paymentallocation
            WHERE payment_id = NEW.payment_id AND undone_at IS NULL AND id IS DISTINCT FROM NEW.id;
        IF used + NEW.amount > payment_amount THEN REFUSE; END IF;
    END IF;
    RETURN NEW;
END
"""
ALLOCATED_QUANTITY = """
DECLARE bought integer; first_day date; last_day date;
BEGIN
    SELECT quantity, starts_on, COALESCE(original_ends_on, ends_on) INTO bought, first_day, last_day
        FROM licenses_license WHERE id = NEW.license_id FOR UPDATE;
    IF NEW.starts_on < first_day OR NEW.ends_on > last_day THEN REFUSE; END IF;
    IF EXISTS (
        SELECT 1 FROM (
            SELECT starts_on AS day FROM licenses_allocation
            WHERE license_id = NEW.license_id AND id IS DISTINCT FROM NEW.id AND starts_on BETWEEN NEW.starts_on AND NEW.ends_on
            UNION SELECT NEW.starts_on
        ) days
        WHERE NEW.quantity + (
            SELECT COALESCE(sum(a.quantity), 0) FROM licenses_allocation a
            WHERE a.license_id = NEW.license_id AND a.id IS DISTINCT FROM NEW.id AND days.day BETWEEN a.starts_on AND a.ends_on
        ) > bought
    ) THEN REFUSE; END IF;
    RETURN NEW;
END
"""
INSIDE_TERM = """
BEGIN
    IF EXISTS (
        SELECT 1 FROM licenses_license l JOIN licenses_term t ON t.id = l.term_id
        WHERE l.id = NEW.id AND l.state <> 'cancelled'
        AND (l.starts_on < t.starts_on OR l.ends_on > t.ends_on OR l.account_id <> t.account_id)
    ) THEN REFUSE; END IF;
    RETURN NULL;
END
"""
PUBLISHED = """
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF OLD.state <> 'draft' THEN REFUSE; END IF;
        RETURN OLD;
    END IF;
    IF OLD.state <> 'draft' AND (
        (NEW.price_list_id, NEW.item_id, NEW.scope, NEW.scope_id, NEW.payer_kind, NEW.months, NEW.valid_from, NEW.amount)
        IS DISTINCT FROM
        (OLD.price_list_id, OLD.item_id, OLD.scope, OLD.scope_id, OLD.payer_kind, OLD.months, OLD.valid_from, OLD.amount)
    ) THEN REFUSE; END IF;
    RETURN NEW;
END
"""

VAT_RATES = [
    ("standard", "20", date(2019, 1, 1)), ("standard", "22", date(2026, 1, 1)), ("reduced", "10", date(2004, 1, 1)),
    ("zero", "0", date(2001, 1, 1)), ("usn_5", "5", date(2025, 1, 1)), ("usn_7", "7", date(2025, 1, 1)), ("exempt", None, date(2001, 1, 1)),
]  # fmt: skip


def seed(apps, schema_editor):
    VatRate = apps.get_model("licenses", "VatRate")
    for kind, rate, valid_from in VAT_RATES:
        VatRate.objects.create(kind=kind, rate=Decimal(rate) if rate else None, valid_from=valid_from)


class Migration(migrations.Migration):
    dependencies = [("licenses", "0001_initial")]
    operations = [
        migrations.RunPython(seed, migrations.RunPython.noop),
        refuse("invoice_frozen", "licenses_invoice", "UPDATE OR DELETE", FROZEN_INVOICE),
        refuse("invoice_line_frozen", "licenses_invoiceline", "INSERT OR UPDATE OR DELETE", FROZEN_LINE),
        refuse("invoice_total_is_sum", "licenses_invoice", "INSERT OR UPDATE", TOTAL, deferred=True),
        refuse("payment_allocation_sums", "licenses_paymentallocation", "INSERT OR UPDATE", ALLOCATED_MONEY),
        refuse("allocation_not_above_bought", "licenses_allocation", "INSERT OR UPDATE", ALLOCATED_QUANTITY),
        refuse("license_inside_term", "licenses_license", "INSERT OR UPDATE", INSIDE_TERM, deferred=True),
        refuse("price_published_frozen", "licenses_price", "UPDATE OR DELETE", PUBLISHED),
    ]
