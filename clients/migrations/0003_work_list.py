"""What lists show beside the register: invitations, the next contact, readiness; the queue of rule C6."""

import datetime

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from core.sql import trigger

# Register records come in by COPY and set statements: one row per changed card waits for its signals (rule C6).
QUEUE = """
CREATE FUNCTION clients_queue_signals() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO clients_signalqueue (client_id) SELECT client_id FROM changed ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER clients_queue_signals_insert AFTER INSERT ON clients_clientdetails
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION clients_queue_signals();
CREATE TRIGGER clients_queue_signals_update AFTER UPDATE ON clients_clientdetails
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION clients_queue_signals();
"""
UNQUEUE = """
DROP TRIGGER clients_queue_signals_insert ON clients_clientdetails;
DROP TRIGGER clients_queue_signals_update ON clients_clientdetails;
DROP FUNCTION clients_queue_signals();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("clients", "0002_bindings"),
        ("partners", "0002_seed_and_guards"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ConnectionCheck",
            fields=[
                (
                    "client",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="readiness",
                        serialize=False,
                        to="clients.client",
                    ),
                ),
                (
                    "workplace",
                    models.CharField(
                        blank=True,
                        choices=[("", "Не выяснили"), ("yes", "Да"), ("no", "Нет")],
                        default="",
                        max_length=3,
                        verbose_name="рабочее место соответствует требованиям",
                    ),
                ),
                ("workplace_note", models.CharField(blank=True, default="", max_length=300, verbose_name="что не так")),
                (
                    "signature",
                    models.CharField(
                        blank=True,
                        choices=[("", "Не выяснили"), ("yes", "Да"), ("no", "Нет")],
                        default="",
                        max_length=3,
                        verbose_name="электронная подпись на руководителя",
                    ),
                ),
                ("signature_until", models.DateField(blank=True, null=True, verbose_name="действует до")),
                (
                    "crypto",
                    models.CharField(
                        blank=True,
                        choices=[("", "Не выяснили"), ("yes", "Да"), ("no", "Нет")],
                        default="",
                        max_length=3,
                        verbose_name="СКЗИ установлена",
                    ),
                ),
                (
                    "documents",
                    models.CharField(
                        blank=True,
                        choices=[("", "Не выяснили"), ("yes", "Да"), ("no", "Нет")],
                        default="",
                        max_length=3,
                        verbose_name="показали, как открыть документы и ответить",
                    ),
                ),
                (
                    "vat",
                    models.CharField(
                        blank=True,
                        choices=[("", "Не выяснили"), ("yes", "Да"), ("no", "Нет")],
                        default="",
                        max_length=3,
                        verbose_name="загрузили декларацию НДС и запустили сверку",
                    ),
                ),
                (
                    "skipped",
                    models.CharField(blank=True, default="", max_length=300, verbose_name="пропущено, потому что"),
                ),
                ("at", models.DateTimeField(null=True)),
                ("version", models.PositiveIntegerField(default=1)),
            ],
            options={
                "verbose_name": "готовность к подключению",
                "verbose_name_plural": "готовность к подключению",
            },
        ),
        migrations.CreateModel(
            name="SignalQueue",
            fields=[
                (
                    "client",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="clients.client",
                    ),
                ),
            ],
        ),
        migrations.RemoveIndex(
            model_name="client",
            name="client_name",
        ),
        migrations.AddField(
            model_name="client",
            name="invite_state",
            field=models.CharField(
                blank=True,
                choices=[
                    ("not_worked", "Не работал"),
                    ("invited", "Приглашен"),
                    ("started", "Начал регистрацию"),
                    ("connected", "Подключился"),
                    ("declined", "Отказался"),
                    ("expired", "Истекло"),
                ],
                default="",
                max_length=10,
                verbose_name="приглашение",
            ),
        ),
        migrations.AddField(
            model_name="client",
            name="invited_on",
            field=models.DateField(default=datetime.date(1900, 1, 1), verbose_name="приглашен"),
        ),
        migrations.AddField(
            model_name="client",
            name="last_active_on",
            field=models.DateField(default=datetime.date(1900, 1, 1), verbose_name="активность"),
        ),
        migrations.AddField(
            model_name="client",
            name="next_contact_on",
            field=models.DateField(default=datetime.date(9999, 12, 31), verbose_name="следующий контакт"),
        ),
        migrations.AddField(
            model_name="client",
            name="trial_reason",
            field=models.CharField(
                blank=True,
                choices=[
                    ("", "—"),
                    ("account", "Нет лицензии в аккаунте"),
                    ("client", "Лицензия не распределена контрагенту"),
                ],
                default="",
                max_length=7,
            ),
        ),
        migrations.AlterField(
            model_name="client",
            name="name_norm",
            field=models.CharField(db_collation="C", max_length=300),
        ),
        migrations.AlterField(
            model_name="clientsignal",
            name="kind",
            field=models.CharField(
                choices=[
                    ("inn", "ИНН"),
                    ("director_inn", "Руководитель"),
                    ("founder", "Учредитель"),
                    ("phone", "Телефон"),
                    ("email", "Email"),
                    ("domain", "Домен почты"),
                    ("address", "Адрес с помещением"),
                    ("house", "Адрес дома"),
                    ("director_name", "ФИО руководителя"),
                    ("succession", "Правопреемство"),
                    ("account", "Аккаунт"),
                    ("manual", "Связаны вручную"),
                ],
                max_length=14,
            ),
        ),
        migrations.AlterField(
            model_name="signalfrequency",
            name="kind",
            field=models.CharField(
                choices=[
                    ("inn", "ИНН"),
                    ("director_inn", "Руководитель"),
                    ("founder", "Учредитель"),
                    ("phone", "Телефон"),
                    ("email", "Email"),
                    ("domain", "Домен почты"),
                    ("address", "Адрес с помещением"),
                    ("house", "Адрес дома"),
                    ("director_name", "ФИО руководителя"),
                    ("succession", "Правопреемство"),
                    ("account", "Аккаунт"),
                    ("manual", "Связаны вручную"),
                ],
                max_length=14,
            ),
        ),
        migrations.AddIndex(
            model_name="client",
            index=models.Index(
                models.F("invite_state"),
                models.OrderBy(models.F("invited_on"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                condition=models.Q(("invite_state", ""), _negated=True),
                name="client_invites",
            ),
        ),
        migrations.AddIndex(
            model_name="client",
            index=models.Index(
                models.F("manager"),
                models.F("next_contact_on"),
                models.F("id"),
                condition=models.Q(("next_contact_on__lt", datetime.date(9999, 12, 31))),
                name="client_contact",
            ),
        ),
        migrations.AddIndex(
            model_name="client",
            index=models.Index(models.F("name_norm"), models.F("id"), name="client_name"),
        ),
        migrations.AddField(
            model_name="connectioncheck",
            name="by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        trigger(QUEUE, UNQUEUE),
    ]
