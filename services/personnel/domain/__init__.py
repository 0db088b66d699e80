"""What is true of people, accounts and posts. Plain Python."""
