from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("casefile", "0001_findings_sealed_for_auditors")]

    operations = [
        migrations.CreateModel(
            name="ReplayedEnd",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "org_id", "subject", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("org_id", models.UUIDField()),
                ("subject", models.UUIDField()),
                ("kind", models.CharField(max_length=8)),
            ],
            options={
                "db_table": "casefile_replayed",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["cases", "members"])), name="casefile_replayed_kind_is_known"
                    )
                ],
            },
        ),
    ]
