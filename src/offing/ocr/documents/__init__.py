"""Documents: files of every accepted type become pages of pixels, or of text that the file itself holds.

guarded (in the server) ── workers: job ── document ── images ── paint
                                                   └── pdf: text (is it good?), render
"""
