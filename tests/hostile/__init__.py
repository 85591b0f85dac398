"""Uploads that mean harm, made by this code alone when a test asks for them.

``png_files``, ``jpeg_files``, ``impostors`` and ``truncations`` make image files, ``forms`` whole request
bodies. ``corpus.uploads()`` lists all files.
"""
