from django.db import migrations

CREATE = """
-- Why a loop or a follower failed last: for /health, which another process answers. Nothing here proves anything.
CREATE TABLE journal_failure (
    part   text        PRIMARY KEY,
    reason text        NOT NULL,
    times  int         NOT NULL,
    since  timestamptz NOT NULL,
    at     timestamptz NOT NULL
);
"""


class Migration(migrations.Migration):
    dependencies = [("journal", "0001_initial")]
    operations = [migrations.RunSQL(CREATE, "DROP TABLE journal_failure")]
