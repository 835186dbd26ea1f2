from pathlib import Path

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("journal", "0004_thinning")]
    operations = [migrations.RunSQL(Path(__file__).with_suffix(".sql").read_text())]
