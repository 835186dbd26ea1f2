from django.db import migrations

CREATE = """
CREATE TABLE trust_clock (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    until bigint NOT NULL CHECK (until >= 0),
    fault text NOT NULL
);
COMMENT ON TABLE trust_clock IS
    'One row: no time-stamp is later than until (nanoseconds since 1970); fault is why none is given';
INSERT INTO trust_clock (until, fault) VALUES (0, '');
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [migrations.RunSQL(CREATE, "DROP TABLE trust_clock")]
