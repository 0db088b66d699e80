"""Posts and vacancies in PostgreSQL."""
