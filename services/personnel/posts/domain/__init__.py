"""The rules of posts and vacancies."""
