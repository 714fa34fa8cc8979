"""Nights tell only what changed: triggers note accounts whose facts did (docs/adr/0007)."""

import django.db.models.deletion
from django.db import migrations, models

from core.sql import trigger

# The functions that note an account; accounts of members and of outcomes only when something is stored about them.
NOTE = """
CREATE FUNCTION renewals_note_new() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO renewals_accountchange (account_id) SELECT DISTINCT account_id FROM made;
    RETURN NULL;
END $$;
CREATE FUNCTION renewals_note_own() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN INSERT INTO renewals_accountchange (account_id) VALUES (OLD.account_id); END IF;
    IF TG_OP = 'INSERT' OR (TG_OP = 'UPDATE' AND NEW.account_id <> OLD.account_id) THEN
        INSERT INTO renewals_accountchange (account_id) VALUES (NEW.account_id);
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION renewals_note_account() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO renewals_accountchange (account_id) VALUES (NEW.id);
    RETURN NULL;
END $$;
CREATE FUNCTION renewals_note_outcome() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO renewals_accountchange (account_id) SELECT account_id FROM licenses_term WHERE id = NEW.term_id;
    RETURN NULL;
END $$;
CREATE FUNCTION renewals_note_member() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO renewals_accountchange (account_id)
    SELECT NEW.account_id WHERE EXISTS (SELECT FROM renewals_renewalrow WHERE account_id = NEW.account_id);
    RETURN NULL;
END $$;
CREATE FUNCTION renewals_note_client() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO renewals_accountchange (account_id) SELECT m.account_id FROM accounts_accountmember m
    WHERE m.client_id = NEW.id AND m.left_at IS NULL AND EXISTS (SELECT FROM renewals_renewalrow WHERE account_id = m.account_id);
    RETURN NULL;
END $$;
CREATE FUNCTION renewals_note_item() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO renewals_accountchange (account_id) SELECT DISTINCT account_id FROM licenses_license WHERE item_id = NEW.id;
    RETURN NULL;
END $$;
"""
FUNCTIONS = ("new", "own", "account", "outcome", "member", "client", "item")


def _changed(*columns: str) -> str:
    old, new = (", ".join(f"{row}.{column}" for column in columns) for row in ("OLD", "NEW"))
    return f"AFTER UPDATE OF {', '.join(columns)} ON {{table}} FOR EACH ROW WHEN (({old}) IS DISTINCT FROM ({new}))"


ROW = "ON {table} FOR EACH ROW"
LICENSE = (
    "account_id",
    "term_id",
    "item_id",
    "quantity",
    "list_amount",
    "amount",
    "payer_kind",
    "payer_id",
    "state",
    "shipped_on",
)
TERM = ("account_id", "direction_id", "starts_on", "ends_on", "months", "is_waiting", "is_cancelled")

# (trigger, table, when, function); a new term, account or client means nothing until its licences come.
TRIGGERS = [
    ("renewals_note_new", "licenses_license", "AFTER INSERT ON {table} REFERENCING NEW TABLE AS made FOR EACH STATEMENT", "new"),
    ("renewals_note_changed", "licenses_license", _changed(*LICENSE), "own"),
    ("renewals_note_gone", "licenses_license", f"AFTER DELETE {ROW}", "own"),
    ("renewals_note_changed", "licenses_term", _changed(*TERM), "own"),
    ("renewals_note_changed", "licenses_item", _changed("kind", "is_trial", "is_countable"), "item"),
    ("renewals_note_new", "renewals_outcome", f"AFTER INSERT {ROW}", "outcome"),
    ("renewals_note_changed", "renewals_outcome", _changed("withdrawn_at"), "outcome"),
    ("renewals_note_changed", "accounts_account", _changed("salespoint_id", "region_code"), "account"),
    ("renewals_note_new", "accounts_accountmember", f"AFTER INSERT {ROW}", "member"),
    ("renewals_note_changed", "accounts_accountmember", _changed("account_id", "client_id", "is_main", "left_at"), "member"),
    ("renewals_note_changed", "clients_client", _changed("kind", "name"), "client"),
]  # fmt: skip


def _triggers() -> list[migrations.RunSQL]:
    found = []
    for name, table, when, function in TRIGGERS:
        sql = f"CREATE TRIGGER {name} {when.format(table=table)} EXECUTE FUNCTION renewals_note_{function}()"
        found.append(trigger(sql, f"DROP TRIGGER {name} ON {table}"))
    return found


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("clients", "0001_initial"),
        ("licenses", "0001_initial"),
        ("renewals", "0003_letters_and_restoring"),
    ]

    operations = [
        migrations.CreateModel(
            name="SweepMark",
            fields=[
                ("zone", models.CharField(max_length=40, primary_key=True, serialize=False)),
                (
                    "prices",
                    models.JSONField(default=dict, help_text="{item:months:scope:place: the prices of that day}"),
                ),
                ("compared_on", models.DateField(null=True)),
            ],
            options={
                "verbose_name": "отметка сверки продлений",
                "verbose_name_plural": "отметки сверки продлений",
            },
        ),
        migrations.CreateModel(
            name="AccountChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "account",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accounts.account",
                    ),
                ),
            ],
            options={
                "verbose_name": "изменение для продлений",
                "verbose_name_plural": "изменения для продлений",
            },
        ),
        trigger(NOTE, " ".join(f"DROP FUNCTION renewals_note_{name}();" for name in FUNCTIONS)),
        *_triggers(),
    ]
