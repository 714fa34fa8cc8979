"""Raw activity, partitioned by month; `usage_make_partition(day)` makes a month's partition once."""

from django.db import migrations

TABLE = """
CREATE TABLE usage_activityday (
    day date NOT NULL,
    account_id bigint NOT NULL,
    product_id bigint NOT NULL,
    user_id bigint NOT NULL,
    sent integer NOT NULL DEFAULT 0,
    received integer NOT NULL DEFAULT 0,
    from_cloud boolean NOT NULL DEFAULT true,
    PRIMARY KEY (day, account_id, product_id, user_id)
) PARTITION BY RANGE (day);
CREATE FUNCTION usage_make_partition(of date) RETURNS void LANGUAGE plpgsql AS $$
DECLARE first date := date_trunc('month', of)::date;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('usage_make_partition'));
    EXECUTE format('CREATE TABLE IF NOT EXISTS usage_activityday_%s PARTITION OF usage_activityday FOR VALUES FROM (%L) TO (%L)',
                   to_char(first, 'YYYYMM'), first, (first + interval '1 month')::date);
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("usage", "0001_initial")]
    operations = [migrations.RunSQL(TABLE, "DROP TABLE usage_activityday; DROP FUNCTION usage_make_partition(date);")]
