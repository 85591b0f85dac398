"""What a month of work costs on Cloudflare Containers, and what it would elsewhere.

Arithmetic only: nothing is asked of any platform. Prices stand in :mod:`offing.edge.cost.prices` alone.
"""
