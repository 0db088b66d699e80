"""Sources, their lists and files, and what the scheme says about them."""
