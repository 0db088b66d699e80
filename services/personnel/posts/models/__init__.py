"""The tables of posts and vacancies."""
