from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("t_procurement", "0003_publication")]

    operations = []
