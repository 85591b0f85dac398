"""Work that takes longer than a client wants to hold a connection: kept on disk, run in turn, fetched later.

Which work a service takes so stands in its record (:class:`~offing.kernel.jobs.kind.JobKind`).
"""
