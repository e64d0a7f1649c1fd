"""Mistakes that several notebooks share: each family is declared once, and told in words that fit where it is used."""
