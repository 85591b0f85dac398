"""One HTTP connection, with the bounds that uvicorn leaves open.

By itself uvicorn reads a head of any size, waits any time for it, queues any number of pipelined
requests, and keeps any number of connections. Here each of these has a bound, one class a bound:

    uvicorn's protocol ── Refusing ── BoundedHeads ── BoundedTimes ── Connection (bounded number)
"""
