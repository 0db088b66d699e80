"""Trainings and who attended."""
