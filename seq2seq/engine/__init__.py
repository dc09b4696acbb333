"""Ids in, arrays out: one interface, several machines."""
