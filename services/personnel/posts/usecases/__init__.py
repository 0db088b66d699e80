"""What is done with posts and vacancies."""
