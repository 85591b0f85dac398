"""The engine: images in, pages of text out. No HTTP, no environment."""
