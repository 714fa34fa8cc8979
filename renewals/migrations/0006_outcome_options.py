"""The dictionary of outcomes, its built-in lines, and what guards their meaning (R3.34)."""

import django.db.models.deletion
from django.db import migrations, models

from core.sql import append_only, trigger, watched

# code: title, what is meant, effect, where, when, (comment, competitor, reason, account)
LINES = {
    "invoice_issued": (
        "Выставлен счет",
        "Клиент согласился, счет на продление выставлен",
        "invoiced",
        "renewal",
        "invoice",
        "",
    ),
    "wrong_contacts": (
        "Неверные контактные данные",
        "Нет верного телефона и адреса почты",
        "negative",
        "renewal",
        "always",
        "c",
    ),
    "not_using": (
        "Не используют",
        "Лицензия закончилась, пользоваться не планируют",
        "negative",
        "renewal",
        "ended",
        "c",
    ),
    "not_existing": ("Не существует", "Ликвидирована по выписке из ЕГРЮЛ", "negative", "renewal", "ceased", "c"),
    "liquidating": ("Ликвидируются", "Ликвидация начата, но не закончена", "negative", "renewal", "always", "c"),
    "moved_account": ("Сменили аккаунт", "Продлевается в другом аккаунте", "moved", "renewal", "always", "a"),
    "left_us": ("Ушли от нас", "Клиент сообщил, что ушел к конкуренту", "negative", "renewal", "always", "ckr"),
    "zero_reporting": (
        "Нулевка",
        "Нулевые отчеты: продлили только «Аккаунт»",
        "reduced",
        "renewal",
        "account_only",
        "",
    ),
    "ready_to_return": ("Готовы вернуться", "", "stays", "inactivity", "always", ""),
    "using_without_cabinet": ("Используют без входа в ЛК", "", "stays", "inactivity", "always", ""),
}
BUILT_IN = ", ".join(f"'{code}'" for code in LINES)

# A line of the dictionary changes neither its code nor, once it was said, what it does; a built-in one keeps its whole meaning.
MEANING = f"""
CREATE FUNCTION renewals_option_meaning() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF OLD.code IN ({BUILT_IN}) THEN
            RAISE EXCEPTION 'outcome_option_built_in' USING ERRCODE = 'check_violation', CONSTRAINT = 'outcome_option_built_in';
        END IF;
        RETURN OLD;
    END IF;
    IF NEW.code <> OLD.code OR OLD.code IN ({BUILT_IN}) AND
        (NEW.effect, NEW.used_for, NEW.condition, NEW.needs_comment, NEW.needs_competitor, NEW.needs_reason, NEW.needs_account) IS DISTINCT FROM
        (OLD.effect, OLD.used_for, OLD.condition, OLD.needs_comment, OLD.needs_competitor, OLD.needs_reason, OLD.needs_account) THEN
        RAISE EXCEPTION 'outcome_option_built_in' USING ERRCODE = 'check_violation', CONSTRAINT = 'outcome_option_built_in';
    END IF;
    IF NEW.effect <> OLD.effect AND (EXISTS (SELECT FROM renewals_outcome WHERE kind = OLD.code)
        OR EXISTS (SELECT FROM renewals_inactivityoutcome WHERE kind = OLD.code)) THEN
        RAISE EXCEPTION 'outcome_option_used' USING ERRCODE = 'check_violation', CONSTRAINT = 'outcome_option_used';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER renewals_option_meaning BEFORE UPDATE OR DELETE ON renewals_outcomeoption
    FOR EACH ROW EXECUTE FUNCTION renewals_option_meaning();
"""
NO_MEANING = "DROP TRIGGER renewals_option_meaning ON renewals_outcomeoption; DROP FUNCTION renewals_option_meaning();"

# What is said keeps the name and the effect of its day, whoever writes it.
FACTS = """
CREATE FUNCTION renewals_outcome_facts() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE option record;
BEGIN
    SELECT title, effect INTO option FROM renewals_outcomeoption WHERE code = NEW.kind;
    IF FOUND THEN
        NEW.title := coalesce(nullif(NEW.title, ''), option.title);
        NEW.effect := coalesce(nullif(NEW.effect, ''), option.effect);
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER renewals_outcome_facts BEFORE INSERT ON renewals_outcome FOR EACH ROW EXECUTE FUNCTION renewals_outcome_facts();
CREATE TRIGGER renewals_outcome_facts BEFORE INSERT ON renewals_inactivityoutcome FOR EACH ROW EXECUTE FUNCTION renewals_outcome_facts();
"""
NO_FACTS = """
DROP TRIGGER renewals_outcome_facts ON renewals_outcome;
DROP TRIGGER renewals_outcome_facts ON renewals_inactivityoutcome;
DROP FUNCTION renewals_outcome_facts();
"""


def _copied(table: str) -> str:
    """Rows said before there was a dictionary get its names."""
    return f"""
        ALTER TABLE {table} DISABLE TRIGGER {table}_append_only;
        UPDATE {table} o SET title = k.title, effect = k.effect FROM renewals_outcomeoption k WHERE k.code = o.kind;
        ALTER TABLE {table} ENABLE TRIGGER {table}_append_only;
    """


def _frozen(table: str, condition: str, columns: str) -> str:
    old, new = (", ".join(f"{row}.{column}" for column in columns.split()) for row in ("OLD", "NEW"))
    return f"""
        CREATE OR REPLACE FUNCTION {table}_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'UPDATE' AND ({condition} AND ({new}) = ({old})) THEN RETURN NEW; END IF;
            RAISE EXCEPTION '{table}_append_only' USING ERRCODE = 'check_violation', CONSTRAINT = '{table}_append_only';
        END $$;
    """


WITHDRAWN = "OLD.withdrawn_at IS NULL AND NEW.withdrawn_at IS NOT NULL"
OPEN = "OLD.withdrawn_at IS NULL AND OLD.expired_on IS NULL"
TABLES = (("renewals_outcome", WITHDRAWN), ("renewals_inactivityoutcome", OPEN))


def fill(apps, _editor) -> None:
    option = apps.get_model("renewals", "OutcomeOption")
    for place, (code, (title, hint, effect, used_for, condition, needs)) in enumerate(LINES.items(), 1):
        option.objects.create(
            code=code, title=title, hint=hint, effect=effect, used_for=used_for, condition=condition, order=place * 10,
            needs_comment="c" in needs, needs_competitor="k" in needs, needs_reason="r" in needs, needs_account="a" in needs,
        )  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_list_order"),
        ("licenses", "0006_visits"),
        ("renewals", "0005_lists"),
        ("core", "0003_reference"),
    ]

    operations = [
        migrations.CreateModel(
            name="OutcomeExtract",
            fields=[
                (
                    "outcome",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="extract",
                        serialize=False,
                        to="renewals.outcome",
                    ),
                ),
                ("name", models.CharField(max_length=200, verbose_name="файл")),
                ("size", models.PositiveIntegerField(verbose_name="размер, байт")),
                ("sha256", models.CharField(max_length=64)),
                ("content", models.BinaryField()),
            ],
            options={
                "verbose_name": "выписка к итогу",
                "verbose_name_plural": "выписки к итогам",
            },
        ),
        migrations.CreateModel(
            name="OutcomeOption",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.SlugField(max_length=24, unique=True, verbose_name="код")),
                ("title", models.CharField(max_length=60, unique=True, verbose_name="название")),
                (
                    "hint",
                    models.CharField(
                        blank=True,
                        default="",
                        help_text="Мелким шрифтом под названием",
                        max_length=200,
                        verbose_name="пояснение",
                    ),
                ),
                (
                    "effect",
                    models.CharField(
                        choices=[
                            ("stays", "Ждем: остается в списке"),
                            ("positive", "Решено: уходит из списка, не потеря"),
                            ("negative", "Отказ: сразу в «Расторгнутые»"),
                            ("invoiced", "Согласие: остается в списке до отгрузки"),
                            ("moved", "Продлевается в другом аккаунте"),
                            ("reduced", "Продлен только «Аккаунт»"),
                        ],
                        max_length=8,
                        verbose_name="что делает",
                    ),
                ),
                (
                    "used_for",
                    models.CharField(
                        choices=[
                            ("renewal", "Требуют продления"),
                            ("inactivity", "Неактивные"),
                            ("both", "В обоих списках"),
                        ],
                        default="renewal",
                        max_length=10,
                        verbose_name="где предлагается",
                    ),
                ),
                (
                    "condition",
                    models.CharField(
                        choices=[
                            ("always", "Всегда"),
                            ("ended", "После окончания лицензии"),
                            ("ceased", "Организация ликвидирована"),
                            ("invoice", "Выставлен счет на продление"),
                            ("account_only", "Продлен только «Аккаунт»"),
                        ],
                        default="always",
                        max_length=12,
                        verbose_name="когда предлагается",
                    ),
                ),
                ("needs_comment", models.BooleanField(default=False, verbose_name="нужен комментарий")),
                ("needs_competitor", models.BooleanField(default=False, verbose_name="нужно указать конкурента")),
                ("needs_reason", models.BooleanField(default=False, verbose_name="нужна причина")),
                ("needs_account", models.BooleanField(default=False, verbose_name="нужен другой аккаунт")),
                ("order", models.PositiveSmallIntegerField(default=100, verbose_name="порядок")),
                ("is_active", models.BooleanField(default=True, verbose_name="предлагается")),
            ],
            options={
                "verbose_name": "вариант итога",
                "verbose_name_plural": "варианты итога",
                "ordering": ["order", "title"],
            },
        ),
        migrations.RemoveConstraint(
            model_name="inactivityoutcome",
            name="inactivity_negative_comment",
        ),
        migrations.RemoveConstraint(
            model_name="outcome",
            name="outcome_negative_comment",
        ),
        migrations.AddField(
            model_name="inactivityoutcome",
            name="effect",
            field=models.CharField(
                choices=[
                    ("stays", "Ждем: остается в списке"),
                    ("positive", "Решено: уходит из списка, не потеря"),
                    ("negative", "Отказ: сразу в «Расторгнутые»"),
                    ("invoiced", "Согласие: остается в списке до отгрузки"),
                    ("moved", "Продлевается в другом аккаунте"),
                    ("reduced", "Продлен только «Аккаунт»"),
                ],
                db_default="",
                max_length=8,
                verbose_name="что сделал",
            ),
        ),
        migrations.AddField(
            model_name="inactivityoutcome",
            name="title",
            field=models.CharField(db_default="", max_length=60, verbose_name="как назывался"),
        ),
        migrations.AddField(
            model_name="outcome",
            name="effect",
            field=models.CharField(
                choices=[
                    ("stays", "Ждем: остается в списке"),
                    ("positive", "Решено: уходит из списка, не потеря"),
                    ("negative", "Отказ: сразу в «Расторгнутые»"),
                    ("invoiced", "Согласие: остается в списке до отгрузки"),
                    ("moved", "Продлевается в другом аккаунте"),
                    ("reduced", "Продлен только «Аккаунт»"),
                ],
                db_default="",
                max_length=8,
                verbose_name="что сделал",
            ),
        ),
        migrations.AddField(
            model_name="outcome",
            name="move",
            field=models.CharField(
                blank=True,
                choices=[("additional", "Дополнительный абонент"), ("group", "Вошли в группу компаний")],
                db_default="",
                max_length=10,
                verbose_name="как сменили",
            ),
        ),
        migrations.AddField(
            model_name="outcome",
            name="title",
            field=models.CharField(db_default="", max_length=60, verbose_name="как назывался"),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        *[migrations.RunSQL(_copied(table), migrations.RunSQL.noop) for table, _when in TABLES],
        migrations.AlterField(
            model_name="renewalrow",
            name="category",
            field=models.CharField(
                choices=[
                    ("not_due", "Рано"),
                    ("requires", "Требуют продления"),
                    ("renewed", "Продлены"),
                    ("renewed_late", "Продлены с опозданием"),
                    ("not_renewed", "Непродленные"),
                    ("terminated", "Расторгнутые"),
                    ("transferred", "Перешли в другой аккаунт"),
                    ("reduced", "Нулевка"),
                    ("settled", "Решено"),
                    ("won_back", "Возвращены"),
                ],
                max_length=12,
            ),
        ),
        migrations.AddConstraint(
            model_name="outcomeoption",
            constraint=models.CheckConstraint(
                condition=models.Q(("title__regex", "\\S.*\\S")), name="outcome_option_title"
            ),
        ),
        migrations.AddConstraint(
            model_name="outcomeoption",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("effect", "negative"), _negated=True), ("needs_comment", True), _connector="OR"
                ),
                name="outcome_option_comment",
            ),
        ),
        migrations.AddConstraint(
            model_name="outcomeoption",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "code__in",
                        [
                            "invoice_issued",
                            "left_us",
                            "liquidating",
                            "moved_account",
                            "not_existing",
                            "not_using",
                            "ready_to_return",
                            "using_without_cabinet",
                            "wrong_contacts",
                            "zero_reporting",
                        ],
                    ),
                    ("effect__in", ["negative", "positive", "stays"]),
                    _connector="OR",
                ),
                name="outcome_option_own",
            ),
        ),
        migrations.AddConstraint(
            model_name="outcomeoption",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("effect", "invoiced"), _negated=True), ("is_active", True), _connector="OR"
                ),
                name="outcome_option_invoiced",
            ),
        ),
        migrations.AddConstraint(
            model_name="outcomeoption",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("code__in", ["ready_to_return", "using_without_cabinet"]), _negated=True),
                    ("used_for", "inactivity"),
                    _connector="OR",
                ),
                name="outcome_option_inactivity",
            ),
        ),
        migrations.AlterField(
            model_name="inactivityoutcome",
            name="kind",
            field=models.ForeignKey(
                db_column="kind",
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="renewals.outcomeoption",
                to_field="code",
                verbose_name="итог",
            ),
        ),
        migrations.AlterField(
            model_name="outcome",
            name="kind",
            field=models.ForeignKey(
                db_column="kind",
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="renewals.outcomeoption",
                to_field="code",
                verbose_name="итог",
            ),
        ),
        migrations.AddConstraint(
            model_name="inactivityoutcome",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("effect", "negative"), _negated=True),
                    ("comment__regex", "(\\S\\s*){10}"),
                    _connector="OR",
                ),
                name="inactivity_negative_comment",
            ),
        ),
        migrations.AddConstraint(
            model_name="outcome",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("effect", "negative"), _negated=True),
                    ("comment__regex", "(\\S\\s*){10}"),
                    _connector="OR",
                ),
                name="outcome_negative_comment",
            ),
        ),
        *[
            migrations.RunSQL(
                _frozen(table, when, "kind title effect comment at"), _frozen(table, when, "kind comment at")
            )
            for table, when in TABLES
        ],
        migrations.AddIndex("outcome", models.Index(fields=["kind"], name="outcome_kind")),
        migrations.AddIndex("inactivityoutcome", models.Index(fields=["kind"], name="inactivity_kind")),
        trigger(MEANING, NO_MEANING),
        trigger(FACTS, NO_FACTS),
        append_only("renewals_outcomeextract"),
        watched("renewals_outcomeoption"),
    ]
