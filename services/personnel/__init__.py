"""People, their accounts and their dated posts: who is responsible for a grid, now or then."""
