"""Posts, their holders, and vacancies."""
