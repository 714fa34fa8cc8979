"""Reads of renewals."""
