"""Pages in English: labels, forms, prose, columns, tables, an invoice, receipts."""

from __future__ import annotations

from collections.abc import Sequence

from tests.ocr.samples import notices
from tests.ocr.samples.canvas import Canvas
from tests.ocr.samples.fonts import font

BARS = "32132142113224123122134121133"
"""How wide the bars and the gaps of a bar code are, in turn."""


def notice(
    text: str, size: tuple[int, int], letters: int = 26, face: str = "serif", margin: int = 70
) -> Canvas:
    """A heading and paragraphs, an empty line between them."""
    page = Canvas(*size)
    heading, *paragraphs = notices.paragraphs(text)
    width, lead = size[0] - 2 * margin, letters * 1.5
    y = page.paragraph((margin, margin), width, heading, font(f"{face}-bold", letters * 3 // 2), lead * 1.4)
    for paragraph in paragraphs:
        y = page.paragraph((margin, y + lead * 0.6), width, paragraph, font(face, letters), lead)
    return page


def label() -> Canvas:
    """A shipping label."""
    page = Canvas(640, 360)
    page.rule(8, 8, 631, 8, 631, 351, 8, 351, 8, 8, width=4)
    page.row(24, [(32, "FRAGILE")], font("sans-bold", 44))
    page.row(36, [(606, "Crate 3 of 8")], font("sans", 26), "r")
    page.rule(8, 92, 631, 92)
    for number, line in enumerate(
        ("Ship chandler Osei & Daughters", "17 Ropewalk Lane", "Port Ellery PE4 9QX")
    ):
        page.row(108 + 40 * number, [(32, line)], font("sans", 28))
    page.rule(8, 238, 631, 238)
    page.row(254, [(32, "Gross weight 86.5 kg")], font("sans", 24))
    page.row(298, [(32, "Keep dry - this side up")], font("sans", 24))
    page.bars((420, 256, 610, 330), [int(width) * 2 for width in BARS])
    return page


def form() -> Canvas:
    """Part of a customs form that was filled in."""
    page = Canvas(900, 420)
    fields = (
        ("Name of vessel", "Northern Diver"),
        ("Flag and home port", "Norway, Tromsø"),
        ("Last port of call", "Lerwick"),
        ("Date of arrival", "14 June 2026"),
        ("Persons on board", "6"),
        ("Goods to declare", "3 cases of cloudberry jam"),
    )
    for number, (name, value) in enumerate(fields):
        y = 24 + 64 * number
        page.row(y + 8, [(36, name), (360, value)], font("sans", 27))
        page.rule(348, y + 48, 864, y + 48, width=1)
    return page


def departures() -> Canvas:
    """A board of ferries, white on dark."""
    page = Canvas(820, 400, paper=24, ink=238)
    page.row(24, [(32, "DEPARTURES")], font("sans-bold", 40))
    rows = (
        ("06:30", "Gull Island", "Pier 1", "Boarding"),
        ("07:15", "Saltmarsh", "Pier 3", "On time"),
        ("08:05", "Kilmore Head", "Pier 2", "Delayed"),
        ("09:40", "Vessby via Stenholm", "Pier 4", "On time"),
        ("11:20", "Gull Island", "Pier 1", "Cancelled"),
    )
    for number, cells in enumerate(rows):
        places = (32, 170, 500, 640)
        page.row(104 + 56 * number, zip(places, cells, strict=True), font("sans", 28))
    return page


def small_print() -> Canvas:
    """Conditions in letters of 11 pixels."""
    page = Canvas(620, 110)
    text = (
        "The mooring is let from year to year. It may not be lent, sublet or sold. The harbour authority may "
        "move any boat without notice where safety asks for it. Fuel is stored at the owner's risk. Dogs are "
        "kept on a lead, nets are dried on the northern rail only, and the crane is booked two days ahead. "
        "Complaints are heard on the first Tuesday of each month, between 9:00 and 11:30, in room 2."
    )
    page.paragraph((20, 18), 580, text, font("sans", 11), 18)
    return page


def columns() -> Canvas:
    """A newspaper page: a heading over two columns, a line at the foot."""
    page = Canvas(1100, 860)
    page.row(50, [(550, "The Tide Gazette")], font("serif-bold", 58), "m")
    page.row(146, [(550, "A new berth for the Gull Island ferry")], font("serif", 34), "m")
    page.rule(60, 206, 1040, 206)
    for x, text in ((60, notices.LEFT_COLUMN), (580, notices.RIGHT_COLUMN)):
        y = 232.0
        for paragraph in notices.paragraphs(text):
            y = page.paragraph((x, y), 462, paragraph, font("serif", 26), 39) + 26
    page.rule(60, 775, 1040, 775)
    page.row(793, [(550, "Page 3")], font("serif", 24), "m")
    return page


def berths() -> Canvas:
    """A ruled table."""
    page = Canvas(1040, 640)
    page.row(28, [(40, "Berths on 14 June")], font("sans-bold", 32))
    rows = (
        ("Berth", "Vessel", "From", "Cargo", "Draught"),
        ("1", "Arcadia", "Vessby", "Timber", "5.20 m"),
        ("2", "Blue Heron", "Lerwick", "Salt", "4.85 m"),
        ("4", "Marigold", "Kilmore", "Herring", "2.10 m"),
        ("5", "Perpetua", "Bilbao", "Steel coils", "6.95 m"),
        ("7", "Santa Rita", "Aveiro", "Cork", "3.70 m"),
        ("8", "Skylark", "Dundee", "Empty", "1.95 m"),
        ("11", "Thirza May", "Fowey", "China clay", "4.40 m"),
        ("12", "Wanderer", "Brest", "Onions", "2.65 m"),
    )
    places = (60, 170, 410, 610, 990)
    top, high = 92, 58
    for number, cells in enumerate(rows):
        face = "sans" if number else "sans-bold"
        page.row(top + 14 + high * number, zip(places, cells, strict=True), font(face, 25), "llllr")
    bottom = top + high * len(rows)
    for number in range(len(rows) + 1):
        page.rule(40, top + high * number, 1010, top + high * number, ink=90)
    for x in (40, 150, 390, 590, 810, 1010):
        page.rule(x, top, x, bottom, ink=90)
    return page


def invoice() -> Canvas:
    """An invoice: addresses beside each other, items, totals at the right."""
    page = Canvas(1000, 1140)
    page.row(60, [(70, "Tidewater Rigging"), (930, "INVOICE")], font("serif-bold", 40), "lr")
    sides = (
        ("3 Sailmakers Row", "Invoice no. 2026-0418"),
        ("Port Ellery", "Date 02.05.2026"),
        ("rigging@tidewater.example", "Due 01.06.2026"),
    )
    for number, (left, right) in enumerate(sides):
        page.row(130 + 38 * number, [(70, left)], font("sans", 24))
        page.row(130 + 38 * number, [(930, right)], font("sans", 24), "r")
    page.row(290, [(70, "Bill to")], font("sans-bold", 24))
    for number, line in enumerate(
        ("Harbour Pilots' Guild", "Attn. Ms Adaeze Lindqvist", "The Old Signal House")
    ):
        page.row(330 + 38 * number, [(70, line)], font("sans", 24))
    items = (
        ("Item", "Qty", "Price", "Amount"),
        ("Shackle, galvanised, 12 mm", "24", "3.15", "75.60"),
        ("Wire rope 8 mm, per metre", "60", "2.40", "144.00"),
        ("Fender, inflatable", "6", "28.90", "173.40"),
        ("Splicing, per eye", "12", "17.50", "210.00"),
        ("Survey of mast and boom", "1", "320.00", "320.00"),
    )
    for number, cells in enumerate(items):
        face = "sans" if number else "sans-bold"
        page.row(510 + 54 * number, zip((70, 610, 760, 930), cells, strict=True), font(face, 24), "lrrr")
        page.rule(70, 550 + 54 * number, 930, 550 + 54 * number, width=1, ink=120)
    for number, (name, amount) in enumerate(
        (("Net", "923.00"), ("VAT 20 %", "184.60"), ("Total", "1,107.60"))
    ):
        face = "sans-bold" if name == "Total" else "sans"
        page.row(860 + 46 * number, [(610, name), (930, amount)], font(face, 26), "lr")
    page.row(1070, [(70, "Payable within 30 days. Goods remain ours until paid in full.")], font("sans", 22))
    return page


def receipt() -> Canvas:
    """A till receipt of the fish market."""
    rows = (
        ("FISH MARKET HALL 2", ""),
        ("Stall 14 - Ruth Kvamme", ""),
        ("Receipt 008812", "09:47"),
        ("Haddock 1.24 kg", "14.88"),
        ("Mussels 2 kg", "9.00"),
        ("Smoked eel 0.35 kg", "12.60"),
        ("Lemon x 3", "1.80"),
        ("Deposit box", "2.50"),
        ("TOTAL", "40.78"),
        ("Cash", "50.00"),
        ("Change", "9.22"),
        ("Fresh until tomorrow noon", ""),
    )
    return _slip(rows, (520, 640), 25, 48)


def chandlery() -> Canvas:
    """A longer receipt, of a harbour shop."""
    rows = (
        ("THE BRASS LANTERN", ""),
        ("Ship's stores since 1911", ""),
        ("Quay Street 5, Port Ellery", ""),
        ("", ""),
        ("Receipt 30427", "14.06.2026"),
        ("Till 2 Maren", "16:32"),
        ("", ""),
        ("Manila rope 10 m", "18.50"),
        ("Brass shackle", "7.95"),
        ("Tar soap 2 x 3.20", "6.40"),
        ("Chart 1407 Sallow Pt", "24.00"),
        ("Lamp oil 1 litre", "5.75"),
        ("Oilskin hat M", "29.90"),
        ("Ginger biscuits", "3.25"),
        ("", ""),
        ("SUBTOTAL", "95.75"),
        ("Harbour card -5 %", "-4.79"),
        ("TOTAL", "90.96"),
        ("Paid by card", "90.96"),
        ("", ""),
        ("Fair winds and thank you!", ""),
    )
    return _slip(rows, (600, 980), 27, 44)


def _slip(rows: Sequence[tuple[str, str]], size: tuple[int, int], letters: int, lead: int) -> Canvas:
    """A receipt: texts in the middle, or names at the left with amounts at the right."""
    page = Canvas(*size)
    width = size[0]
    for number, (name, amount) in enumerate(rows):
        face = font("mono-bold" if name.isupper() else "mono", letters)
        y = 34 + lead * number
        if amount:
            page.row(y, [(40, name), (width - 40, amount)], face, "lr")
        elif name:
            page.row(y, [(width / 2, name)], face, "m")
        else:
            page.rule(40, y + lead // 2, width - 40, y + lead // 2, width=1)
    return page
