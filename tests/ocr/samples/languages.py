"""Short texts in many languages, each line as long as it stands here."""

# ruff: noqa: RUF001  the texts are written in their own letters

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tests.ocr.samples.canvas import Canvas
from tests.ocr.samples.fonts import font

GERMAN = (
    "Öffnungszeiten des Hafenamts",
    "Montag bis Freitag von 7 bis 16 Uhr, außer an Feiertagen.",
    "Gäste zahlen die Liegegebühr für ihr Boot im Voraus.",
    "Größere Schiffe melden sich bitte über Funk auf Kanal 12.",
)
FRENCH = (
    "Règlement du port de plaisance",
    "La vitesse est limitée à trois nœuds près des pontons.",
    "Les déchets doivent être déposés à côté de la grue bleue.",
    "Le maître de port peut déplacer un bateau où qu'il soit amarré.",
)
POLISH = (
    "Rozkład rejsów na wyspę",
    "Pierwszy prom odpływa o szóstej rano, a ostatni o dziesiątej.",
    "Bilety można kupić w kasie na nabrzeżu lub na pokładzie.",
    "Dzieci poniżej siedmiu lat płyną za darmo, żeglarze też się cieszą.",
)
TURKISH = (
    "Liman işletmesinden duyuru",
    "Yarın sabah güçlü rüzgâr bekleniyor, teknelerinizi sıkıca bağlayın.",
    "Küçük iskele öğleden sonra üçe kadar kapalı kalacaktır.",
    "Yakıt ve içme suyu doğu rıhtımında bulunur.",
)
VIETNAMESE = (
    "Thông báo của cảng cá",
    "Tàu thuyền phải neo đậu đúng vị trí trước khi bão đến.",
    "Chợ cá mở cửa từ bốn giờ sáng đến chín giờ mỗi ngày.",
    "Xin giữ gìn vệ sinh và không đổ dầu xuống biển.",
)
SIMPLIFIED = (
    "港口通知",
    "渡轮每天早上六点从东码头出发。",
    "请乘客提前十五分钟到达售票处。",
    "遇到大风或浓雾时，航班可能取消。",
    "行李超过二十公斤需要另外付费。",
)
TRADITIONAL = (
    "漁港市場公告",
    "新鮮魚貨於清晨五點開始拍賣。",
    "買家請先到辦公室登記並領取號碼。",
    "冰塊與紙箱可在碼頭東側購買。",
    "颱風期間市場暫停營業，敬請見諒。",
)
JAPANESE = (
    "港からのお知らせ",
    "連絡船は毎朝七時に西の桟橋から出発します。",
    "切符は待合室の窓口でお買い求めください。",
    "強風のときは運航を見合わせることがあります。",
    "自転車の持ち込みは一台につき三百円です。",
)
JAPANESE_VERTICAL = (
    "灯台守の日記",
    "朝の海は静かで、霧が岬を包んでいた。",
    "昼すぎに小さな漁船が三隻もどってきた。",
    "夕方、北の空に雲が広がり風が強くなる。",
    "夜には灯りをともし、船の無事を祈った。",
)
KOREAN = (
    "항구 안내문",
    "여객선은 매일 아침 여섯 시에 출발합니다.",
    "표는 대합실 창구에서 살 수 있습니다.",
    "바람이 강한 날에는 운항이 취소될 수 있습니다.",
    "자전거는 한 대에 이천 원을 더 내야 합니다.",
)
RUSSIAN = (
    "Объявление портовой службы",
    "Завтра ожидается сильный ветер, проверьте швартовы.",
    "Паром на остров отходит от третьего причала в семь утра.",
    "Пресную воду и топливо можно получить у восточного мола.",
)
GREEK = (
    "Ανακοίνωση του λιμεναρχείου",
    "Το πλοίο για το νησί φεύγει κάθε πρωί στις επτά.",
    "Τα εισιτήρια πωλούνται στο γραφείο δίπλα στην αποβάθρα.",
    "Αύριο περιμένουμε δυνατό άνεμο από τον βορρά.",
)
ARABIC = (
    "إعلان من إدارة الميناء",
    "تغادر العبارة الرصيف الشرقي كل صباح في الساعة السابعة",
    "تباع التذاكر في المكتب القريب من برج المراقبة",
    "نرجو من أصحاب القوارب ربطها جيدا قبل وصول العاصفة",
)
HINDI = (
    "बंदरगाह की सूचना",
    "नाव हर सुबह सात बजे पूर्वी घाट से चलती है।",
    "टिकट प्रतीक्षालय की खिड़की पर मिलते हैं।",
    "तेज हवा के दिन यात्रा रद्द हो सकती है।",
)
THAI = (
    "ประกาศจากท่าเรือ",
    "เรือข้ามฟากออกทุกวันเวลาเจ็ดโมงเช้า",
    "ซื้อตั๋วได้ที่ห้องพักผู้โดยสาร",
    "วันที่ลมแรงอาจงดเดินเรือ",
)
TAMIL = (
    "துறைமுக அறிவிப்பு",
    "படகு தினமும் காலை ஏழு மணிக்கு புறப்படும்.",
    "பயணச்சீட்டு அலுவலகத்தில் கிடைக்கும்.",
    "காற்று பலமாக வீசினால் பயணம் ரத்து செய்யப்படும்.",
)
TELUGU = (
    "ఓడరేవు ప్రకటన",
    "పడవ ప్రతి రోజు ఉదయం ఏడు గంటలకు బయలుదేరుతుంది.",
    "టిక్కెట్లు కార్యాలయంలో దొరుకుతాయి.",
    "గాలి బలంగా వీచితే ప్రయాణం రద్దు అవుతుంది.",
)


@dataclass(frozen=True)
class Writing:
    """A language's text, and how it is set."""

    language: str
    """As Tesseract names it."""
    lines: Sequence[str]
    face: str
    letters: int = 30
    """Their size in pixels."""
    spaced: bool = True
    """Whether spaces stand between words."""
    right_to_left: bool = False


LATIN_AND_CJK = {
    "german.png": Writing("deu", GERMAN, "serif"),
    "french.jpg": Writing("fra", FRENCH, "noto"),
    "polish.png": Writing("pol", POLISH, "sans"),
    "turkish.png": Writing("tur", TURKISH, "narrow"),
    "chinese_simplified.png": Writing("chi_sim", SIMPLIFIED, "simplified", 32, spaced=False),
    "chinese_traditional.png": Writing("chi_tra", TRADITIONAL, "traditional", 32, spaced=False),
    "japanese.png": Writing("jpn", JAPANESE, "japanese", 32, spaced=False),
}
VERTICAL = Writing("jpn", JAPANESE_VERTICAL, "japanese", 34, spaced=False)
SCRIPTS = {
    "vietnamese.png": Writing("vie", VIETNAMESE, "sans"),
    "korean.png": Writing("kor", KOREAN, "korean"),
    "russian.jpg": Writing("rus", RUSSIAN, "serif"),
    "greek.png": Writing("ell", GREEK, "noto"),
    "arabic.png": Writing("ara", ARABIC, "arabic", 36, right_to_left=True),
    "hindi.png": Writing("hin", HINDI, "devanagari", 34),
    "thai.png": Writing("tha", THAI, "thai", 36, spaced=False),
    "tamil.png": Writing("tam", TAMIL, "tamil", 32),
    "telugu.png": Writing("tel", TELUGU, "telugu", 34),
}
"""What models for Latin and CJK text cannot read."""


def written(writing: Writing) -> Canvas:
    """The lines below each other, the first one larger."""
    margin, lead = 36, writing.letters * 17 // 10
    sizes = [writing.letters + 8, *[writing.letters] * (len(writing.lines) - 1)]
    faces = [font(writing.face, size) for size in sizes]
    width = max(face.getlength(line) for face, line in zip(faces, writing.lines, strict=True))
    page = Canvas(int(width) + 2 * margin, lead * len(writing.lines) + 2 * margin)
    x, anchor = (page.image.width - margin, "r") if writing.right_to_left else (margin, "l")
    for number, (face, line) in enumerate(zip(faces, writing.lines, strict=True)):
        page.row(margin - 8 + lead * number + 8 * (number > 0), [(x, line)], face, anchor)
    return page


def written_down(writing: Writing) -> Canvas:
    """The lines from top to bottom, the first at the right."""
    margin, lead = 40, writing.letters * 19 // 10
    face = font(writing.face, writing.letters)
    height = max(face.getlength(line, direction="ttb") for line in writing.lines)
    page = Canvas(lead * len(writing.lines) + 2 * margin, int(height) + 2 * margin)
    for number, line in enumerate(writing.lines):
        page.column(page.image.width - margin - lead * number, margin, line, face)
    return page
