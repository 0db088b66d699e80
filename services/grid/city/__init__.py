"""The counties as the city keeps them: who they are, and the directory of all."""
