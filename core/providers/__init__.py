"""Vendors of models behind one protocol."""
