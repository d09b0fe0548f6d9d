"""Examination of a computer: whether everything that the program needs works here."""
