"""Invented data for measuring: a partner network, its clients and accounts, as many as asked for, equal for a seed."""

from bench.data.load import generate

__all__ = ["generate"]
