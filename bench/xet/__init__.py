"""Xet downloads beside hf_xet and plain HTTP, on the same local hub."""
