"""What is drawn on a page: how much of it images cover, and which texts are not to be seen."""

from __future__ import annotations

import math
from collections.abc import Iterator
from ctypes import c_float, c_uint, c_void_p, cast
from dataclasses import dataclass, field
from typing import Any

import pypdfium2.raw as pdfium

from offing.ocr.documents.pdf.sheet import POINTS_AN_INCH, Box

MOST_OBJECTS = 20_000
MOST_DEPTH = 8
MOST_ANNOTATIONS = 500
COVERING = 0.5
"""Share of the page from which on an opaque image hides the text that was drawn before it."""
RESOLVING = 0.05
"""Share of the page from which on an image's resolution counts."""
UNSEEN_MODES = frozenset({pdfium.FPDF_TEXTRENDERMODE_INVISIBLE, pdfium.FPDF_TEXTRENDERMODE_CLIP})
WRITING = frozenset({pdfium.FPDF_ANNOT_FREETEXT, pdfium.FPDF_ANNOT_STAMP})

Matrix = tuple[float, float, float, float, float, float]
IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


@dataclass
class Content:
    """A survey of a page's objects."""

    objects: int = 0
    paths: int = 0
    image_share: float = 0.0
    """Part of the page that images cover, 0 to 1; images over images count twice."""
    image_dpi: float = 0.0
    """Pixels an inch of the finest image of some size; 0 where there is none."""
    unseen: set[int] = field(default_factory=set)
    """Addresses of text objects that are invisible, or lie under an image."""
    annotated: bool = False
    """Annotations or fields show text that is no part of the page's own."""


def survey(page: Any, box: Box) -> Content:
    """Look at a page's objects, those in forms too, in the order in which they are drawn."""
    content, drawn = Content(annotated=_is_annotated(page)), set[int]()
    for each, kind, matrix in _objects(page, None, IDENTITY, 0):
        content.objects += 1
        if content.objects > MOST_OBJECTS:
            break
        if kind == pdfium.FPDF_PAGEOBJ_PATH:
            content.paths += 1
        elif kind == pdfium.FPDF_PAGEOBJ_IMAGE:
            share = _image(content, each, matrix, box)
            if share >= COVERING and not pdfium.FPDFPageObj_HasTransparency(each):
                content.unseen |= drawn
        elif kind == pdfium.FPDF_PAGEOBJ_TEXT:
            address = address_of(each)
            drawn.add(address)
            if pdfium.FPDFTextObj_GetTextRenderMode(each) in UNSEEN_MODES:
                content.unseen.add(address)
    content.image_share = min(1.0, content.image_share)
    return content


def address_of(page_object: Any) -> int:
    """What tells one object from another."""
    return cast(page_object, c_void_p).value or 0


def _objects(page: Any, form: Any, matrix: Matrix, depth: int) -> Iterator[tuple[Any, int, Matrix]]:
    """Each object with its kind and the matrix of the form that it is in."""
    count = pdfium.FPDFPage_CountObjects(page) if form is None else pdfium.FPDFFormObj_CountObjects(form)
    for index in range(count):
        each = (
            pdfium.FPDFPage_GetObject(page, index)
            if form is None
            else pdfium.FPDFFormObj_GetObject(form, index)
        )
        kind = pdfium.FPDFPageObj_GetType(each)
        if kind == pdfium.FPDF_PAGEOBJ_FORM:
            if depth < MOST_DEPTH:
                yield from _objects(page, each, _product(_matrix_of(each), matrix), depth + 1)
        else:
            yield each, kind, matrix


def _matrix_of(form: Any) -> Matrix:
    found = pdfium.FS_MATRIX()
    if not pdfium.FPDFPageObj_GetMatrix(form, found):
        return IDENTITY
    return found.a, found.b, found.c, found.d, found.e, found.f


def _product(first: Matrix, second: Matrix) -> Matrix:
    """The matrix that applies the first and then the second (PDF 1.7, section 8.3.4)."""
    a, b, c, d, e, f = first
    ux, uy, vx, vy, tx, ty = second
    return (
        a * ux + b * vx, a * uy + b * vy,
        c * ux + d * vx, c * uy + d * vy,
        e * ux + f * vx + tx, e * uy + f * vy + ty,
    )  # fmt: skip


def _image(content: Content, image: Any, matrix: Matrix, page: Box) -> float:
    """Count an image in, and return the share of the page that it covers."""
    sides = [c_float() for _ in range(4)]
    if not pdfium.FPDFPageObj_GetBounds(image, *sides):
        return 0.0
    left, bottom, right, top = _bounds([side.value for side in sides], matrix)
    whole = (page[2] - page[0]) * (page[3] - page[1])
    seen_width = max(0.0, min(right, page[2]) - max(left, page[0]))
    seen_height = max(0.0, min(top, page[3]) - max(bottom, page[1]))
    share = seen_width * seen_height / whole
    content.image_share += share
    area = (right - left) * (top - bottom) / POINTS_AN_INCH**2
    width, height = c_uint(), c_uint()
    if share >= RESOLVING and pdfium.FPDFImageObj_GetImagePixelSize(image, width, height):
        content.image_dpi = max(content.image_dpi, math.sqrt(width.value * height.value / area))
    return share


def _bounds(box: list[float], matrix: Matrix) -> Box:
    a, b, c, d, e, f = matrix
    corners = [(x, y) for x in (box[0], box[2]) for y in (box[1], box[3])]
    xs, ys = [a * x + c * y + e for x, y in corners], [b * x + d * y + f for x, y in corners]
    return min(xs), min(ys), max(xs), max(ys)


def _is_annotated(page: Any) -> bool:
    count = min(pdfium.FPDFPage_GetAnnotCount(page), MOST_ANNOTATIONS)
    return any(_shows_text(page, index) for index in range(count))


def _shows_text(page: Any, index: int) -> bool:
    annotation = pdfium.FPDFPage_GetAnnot(page, index)
    if not annotation:
        return False
    try:
        kind = pdfium.FPDFAnnot_GetSubtype(annotation)
        filled = kind == pdfium.FPDF_ANNOT_WIDGET and pdfium.FPDFAnnot_HasKey(annotation, b"V")
        return bool(filled) or kind in WRITING
    finally:
        pdfium.FPDFPage_CloseAnnot(annotation)
