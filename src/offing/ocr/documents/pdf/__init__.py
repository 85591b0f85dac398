"""PDF by PDFium: a page is its own text where that is good, else it is rendered.

pages ── content (what is drawn) ── characters (what is written, and where) ── trust ── lines ── page of text
     └── sheet (how large) ── render
"""
