"""The engine: a file's hash in, its verified bytes out; no server, no environment, one step a module.

plan ── fetch ── decode ── verify ── hand over
"""
