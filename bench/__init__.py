"""Measures the Commons against simple alternatives, in one run: `python -m bench [NAME ...]`."""
