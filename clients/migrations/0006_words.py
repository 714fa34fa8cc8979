"""The words of names, for mending slips in searches; clients by account number."""

import django.contrib.postgres.indexes
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("clients", "0005_cube"),
        ("partners", "0002_seed_and_guards"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="NameWord",
            fields=[
                ("word", models.CharField(max_length=60, primary_key=True, serialize=False)),
            ],
        ),
        migrations.AddIndex(
            model_name="client",
            index=models.Index(
                models.F("main_account_number"),
                condition=models.Q(("main_account_number__isnull", False)),
                name="client_account",
            ),
        ),
        migrations.AddIndex(
            model_name="nameword",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass("word", "gin_trgm_ops"), name="name_word_trgm"
            ),
        ),
    ]
