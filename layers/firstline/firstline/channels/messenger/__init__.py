"""Messenger: the messages of a Facebook Page."""
