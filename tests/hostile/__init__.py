"""Uploads that mean harm, made by this code alone when a test asks for them.

``png_files``, ``jpeg_files``, ``jpeg_segments``, ``impostors`` and ``truncations`` make image files,
``forms`` whole request bodies. ``corpus.uploads()`` lists all files.
"""
