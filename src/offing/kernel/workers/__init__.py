"""Work that can be killed: worker processes with limits on time and memory.

    pool (in the server) ── control socket ── nursery (imports the handler once)
      └── a socket for each worker ───────────── forked worker: reads a job, answers, waits

The nursery has no threads, so a fork of it is safe and takes milliseconds; its modules are shared
with every worker, copied only where a worker writes.
"""
