"""The cube of «Распределение» with its triggers; keys of products."""

import datetime

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from core.sql import trigger

# One upsert per changed cell and statement, in the order of the keys: concurrent claims never deadlock, and a statement
# that moves no card between cells costs one aggregate over its own rows. The shared lock keeps the day of «новые» still
# while cards are written; the nightly job that moves it takes it alone.
COLUMNS = "salespoint, manager, region_code, prospect_state, invite_state, has_phone, is_new"
CELL = """coalesce(salespoint_id, 0) AS salespoint, coalesce(manager_id, 0) AS manager, region_code, prospect_state, invite_state,
            has_phone, registered_on > {day} AS is_new"""
DAY = """
CREATE FUNCTION clients_spread_day() RETURNS date LANGUAGE plpgsql AS $$
DECLARE day date;
BEGIN
    PERFORM pg_advisory_xact_lock_shared(hashtextextended('clients.distribution', 0));
    SELECT new_since INTO day FROM clients_distributionclock WHERE id = 1;
    RETURN coalesce(day, DATE '1900-01-01');
END $$;
"""


def spread(event: str, rows: str, tables: str) -> str:
    """Update first: an INSERT of a negative number would break the check before it met its conflict."""
    return f"""
CREATE FUNCTION clients_spread_{event}() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE day date := clients_spread_day(); cell record;
BEGIN
    FOR cell IN
        SELECT {CELL.format(day="day")},
            sum(d) AS clients
        FROM ({rows}) x GROUP BY 1, 2, 3, 4, 5, 6, 7 HAVING sum(d) <> 0 ORDER BY 1, 2, 3, 4, 5, 6, 7
    LOOP
        UPDATE clients_distributioncell c SET clients = c.clients + cell.clients
        WHERE c.salespoint = cell.salespoint AND c.manager = cell.manager AND c.region_code = cell.region_code
            AND c.prospect_state = cell.prospect_state AND c.invite_state = cell.invite_state
            AND c.has_phone = cell.has_phone AND c.is_new = cell.is_new;
        IF NOT FOUND THEN
            INSERT INTO clients_distributioncell AS c ({COLUMNS}, clients)
            VALUES (cell.salespoint, cell.manager, cell.region_code, cell.prospect_state, cell.invite_state, cell.has_phone, cell.is_new, cell.clients)
            ON CONFLICT ({COLUMNS}) DO UPDATE SET clients = c.clients + EXCLUDED.clients;
        END IF;
    END LOOP;
    RETURN NULL;
END $$;
CREATE TRIGGER clients_spread_{event} AFTER {event.upper()} ON clients_client
    REFERENCING {tables} FOR EACH STATEMENT EXECUTE FUNCTION clients_spread_{event}();
"""


def unspread(event: str) -> str:
    return f"DROP TRIGGER clients_spread_{event} ON clients_client; DROP FUNCTION clients_spread_{event}();"


ADDED, REMOVED = "SELECT *, 1 AS d FROM added", "SELECT *, -1 AS d FROM removed"
FILL = f"""
INSERT INTO clients_distributionclock (id, new_since) VALUES (1, (CURRENT_DATE - INTERVAL '6 months')::date);
INSERT INTO clients_distributioncell ({COLUMNS}, clients)
SELECT {CELL.format(day="(SELECT new_since FROM clients_distributionclock)")}, count(*) FROM clients_client GROUP BY 1, 2, 3, 4, 5, 6, 7;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("clients", "0004_reasons"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="client",
            name="prospect_on",
            field=models.DateField(default=datetime.date(1900, 1, 1), verbose_name="в состоянии с"),
        ),
        migrations.CreateModel(
            name="DistributionCell",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("salespoint", models.BigIntegerField(default=0)),
                ("manager", models.BigIntegerField(default=0)),
                ("region_code", models.CharField(max_length=2)),
                ("prospect_state", models.CharField(max_length=9)),
                ("invite_state", models.CharField(max_length=10)),
                ("has_phone", models.BooleanField()),
                ("is_new", models.BooleanField()),
                ("clients", models.BigIntegerField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=(
                            "salespoint",
                            "manager",
                            "region_code",
                            "prospect_state",
                            "invite_state",
                            "has_phone",
                            "is_new",
                        ),
                        name="distribution_cell_once",
                    ),
                    models.CheckConstraint(condition=models.Q(("clients__gte", 0)), name="distribution_cell_positive"),
                ],
            },
        ),
        migrations.CreateModel(
            name="DistributionClock",
            fields=[
                ("id", models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("new_since", models.DateField()),
            ],
            options={
                "constraints": [models.CheckConstraint(condition=models.Q(("id", 1)), name="distribution_clock_one")],
            },
        ),
        migrations.CreateModel(
            name="ProductToken",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("title", models.CharField(max_length=100, verbose_name="продукт")),
                ("token_hash", models.CharField(max_length=64, unique=True)),
                ("created_at", models.DateTimeField(verbose_name="создан")),
                ("revoked_at", models.DateTimeField(null=True, verbose_name="отозван")),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "ключ продукта",
                "verbose_name_plural": "ключи продуктов",
                "ordering": ["-created_at"],
            },
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        trigger(DAY, "DROP FUNCTION clients_spread_day();"),
        trigger(spread("insert", ADDED, "NEW TABLE AS added"), unspread("insert")),
        trigger(
            spread("update", f"{ADDED} UNION ALL {REMOVED}", "NEW TABLE AS added OLD TABLE AS removed"),
            unspread("update"),
        ),
        trigger(spread("delete", REMOVED, "OLD TABLE AS removed"), unspread("delete")),
    ]
