"""Encoders, ranking, explaining and evaluating: texts and arrays in, arrays and dataclasses out."""
