"""Reads of the selling app: prices, plans of a sale, sections of cards."""
