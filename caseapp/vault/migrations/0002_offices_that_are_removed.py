from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("vault", "0001_sealed_files"),
    ]

    operations = [
        migrations.CreateModel(
            name="RemovedOffice",
            fields=[
                ("org_id", models.UUIDField(primary_key=True, serialize=False)),
                ("ordered_at", models.DateTimeField()),
                ("content", models.TextField()),
                ("certificate", models.TextField(default="")),
            ],
            options={
                "db_table": "vault_removed",
            },
        ),
    ]
