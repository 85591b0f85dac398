"""The edge beside the least that there can be, on the real runtime."""
