"""Events that joined an invitation are kept, so that one told twice counts once; unknown senders differ by their names."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("clients", "0015_orders_of_a_point")]
    operations = [
        migrations.RemoveConstraint("invitation", "invitation_open_once"),
        migrations.AddConstraint(
            "invitation",
            models.UniqueConstraint(
                fields=["client", "sender", "sender_name", "topic"],
                condition=models.Q(closed_at__isnull=True),
                nulls_distinct=False,
                name="invitation_open_once",
            ),
        ),
        migrations.CreateModel(
            name="InvitationEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("source_key", models.CharField(max_length=100, verbose_name="основание")),
                ("documents", models.PositiveIntegerField(default=0, verbose_name="документов")),
                (
                    "amount",
                    models.DecimalField(decimal_places=2, max_digits=14, null=True, verbose_name="сумма документов"),
                ),
                ("at", models.DateTimeField(verbose_name="когда")),
                (
                    "invitation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="joined", to="clients.invitation"
                    ),
                ),
            ],
            options={
                "verbose_name": "событие приглашения",
                "verbose_name_plural": "события приглашений",
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(fields=["invitation", "source_key"], name="invitation_event_once")
                ],
            },
        ),
    ]
