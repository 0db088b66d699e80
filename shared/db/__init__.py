"""A service's database: transactions, outbox, row-level security, migrations."""
