"""Offing: small heavy services in containers just beyond your application."""

__version__ = "0.1.0"
