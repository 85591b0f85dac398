"""The layers around every app, one pure ASGI middleware a file, ordered in ``offing.kernel.app``."""
