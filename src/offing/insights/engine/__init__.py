"""The engine: bytes in, numbers out; no HTTP, no environment, one step a module.

header ── decode ── flatten ── shrink ── luminance ── report
"""
