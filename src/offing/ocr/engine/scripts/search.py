"""Finding out in which scripts the doubtful lines of a page are written, and reading them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from offing.ocr.engine.scripts.doubt import HOPELESS, doubt, is_worth_asking, legibility, may_hide
from offing.ocr.engine.scripts.guesses import SCRIPTS, Guess
from offing.ocr.engine.scripts.judgement import (
    is_better,
    recognised,
    surety,
)
from offing.ocr.engine.scripts.line_images import DETECTION_HEIGHT, stacked
from offing.ocr.engine.scripts.page_lines import Again, PageLines
from offing.ocr.engine.scripts.script_models import (
    ALWAYS_READ,
    installed_model,
    models_of_script,
    scripts_beyond_pp_ocr,
)

SCRIPT_DETECTION = "osd"
MOST_ASKED = 4
"""Lines whose script is asked for: the longest ones tell most."""
FEWEST_ROWS = 2
"""Images that script detection gets below each other at least: one short line holds too little."""
TOGETHER = 3
"""Votes of all these lines together, for one of a line alone; half of them where they seem turned."""
MOST_SCRIPTS = 3
"""Scripts that are tried on what is doubtful."""
FEW, PROBES = 4, 2
"""Of more lines than ``FEW``, the first ``PROBES`` are read before the rest, to see if it is worth it."""
SURE = 0.7
"""Surety of a line in the right script; a wrong one seldom gets there."""
HANDICAP = {"Thai": 0.12}
"""What a model's surety is too high by, as it reads letters of other scripts with it."""
HINTS = {"Greek": "Grek", "Cyrillic": "Cyrl"}
"""Scripts that a doubt itself names."""


class Search:
    """One page's search. What it takes stands in the page's ``found``, whatever fails later.

    Only a ``thorough`` one tries scripts that detection does not name.
    """

    def __init__(self, page: PageLines, *, thorough: bool = True) -> None:
        self._page, self._thorough = page, thorough
        self._installed = page.tesseract.installed
        self._doubts = [doubt(*each) for each in zip(page.quads, page.read, strict=True)]
        self._lengths = page.lengths
        self._seen: dict[str, dict[int, Again]] = {}
        self._taken = 0.0
        """Length of the lines that are of another script."""

    def run(self) -> None:
        """Read again what needs it. Raises ``TesseractFailed``."""
        if not self._installed or not is_worth_asking(self._lengths, self._doubts):
            return
        script = self._read_named(self._named_scripts())
        if script:
            self._read_hidden(script, fills_page=False)
            if self._taken > sum(self._lengths) / 2:
                self._read_hidden(script, fills_page=True)

    def _read_named(self, named: Sequence[str]) -> str:
        """Read the doubtful lines as the scripts they seem to be of; the first that proves right, or "".

        Detection takes a script that it does not know for one it knows, whose model may read it after a
        fashion: so a script that reads with little confidence stands against those. Where nothing that it
        named reads at all, it may have missed one that it knows.
        """
        known, rivals = [], []
        for script in named:
            surest = self._surety(script)
            if surest >= SURE and self._take(self._doubtful(), script):
                known.append(script)
            elif surest:
                rivals.append(script)
        if known:
            return known[0]
        if not self._thorough or not (rivals or self._is_hopeless()):
            return ""
        beyond = scripts_beyond_pp_ocr()
        unknown = [script for script in beyond if script not in SCRIPTS.values()]
        missed = [script for script in beyond if script not in unknown and script not in named]
        found = self._surest_script([*rivals, *unknown]) or self._surest_script(missed, least=SURE)
        return found if found and self._take(self._doubtful(), found) else ""

    def _named_scripts(self) -> list[str]:
        """Scripts beyond PP-OCR's that the doubtful lines seem to be of, the likeliest first."""
        votes = Counter(HINTS[each] for each in self._doubts if each in HINTS)
        if SCRIPT_DETECTION in self._installed:
            for guess in self._guesses():
                votes[guess.script] += 2 if guess.upright else 1
        likely = [script for script, _ in votes.most_common() if script and script not in ALWAYS_READ]
        return likely[:MOST_SCRIPTS]

    def _guesses(self) -> list[Guess]:
        """What detection says of the longest doubtful lines, together and each."""
        places = self._doubtful()[:MOST_ASKED]
        images = [self._page.image(place, DETECTION_HEIGHT) for place in places]
        rows = images if len(images) >= FEWEST_ROWS else images * FEWEST_ROWS
        together, *each = self._page.tesseract.guess_scripts([stacked(rows), *images])
        return [together] * TOGETHER + each

    def _is_hopeless(self) -> bool:
        """Whether most of the page is doubtful, and more so than noise makes it."""
        places = self._doubtful()
        quads = [self._page.quads[place] for place in places]
        read = [self._page.read[place] for place in places]
        doubtful = sum(self._lengths[place] for place in places)
        return doubtful > sum(self._lengths) / 2 and legibility(quads, read) < HOPELESS

    def _surety(self, script: str) -> float:
        """The most surety with which a long doubtful line reads as a script, 0 where none does."""
        model = installed_model(models_of_script(script), self._installed)
        places = self._doubtful()
        again = self._reads(places if len(places) <= FEW else places[:PROBES], model) if model else {}
        sure = [
            surety(each.read) - HANDICAP.get(script, 0)
            for place, each in again.items()
            if is_better(each.read, self._doubts[place], script)
        ]
        return max(sure, default=0.0)

    def _surest_script(self, tried: Sequence[str], *, least: float = 0.0) -> str:
        """The script whose model reads the longest line best; empty where none reads it so well."""
        models = {
            model: script
            for script in tried
            if (model := installed_model(models_of_script(script), self._installed))
        }
        longest = self._doubtful()[0]
        image = self._page.image(longest)
        words = self._page.tesseract.read_with_each(image, list(models))
        reads = [recognised(each, image.shape[1]) for each in words]
        fitting = [
            (surety(read) - HANDICAP.get(script, 0), script)
            for script, read in zip(models.values(), reads, strict=True)
            if is_better(read, self._doubts[longest], script)
        ]
        surest, script = max(fitting, default=(0.0, ""))
        return script if surest >= least else ""

    def _read_hidden(self, script: str, *, fills_page: bool) -> None:
        """Look for a script that was found in the lines that seemed right, too."""
        seen = zip(self._doubts, self._page.quads, self._page.read, strict=True)
        hidden = [
            place
            for place, (each, corners, read) in enumerate(seen)
            if not each and self._is_as_read(place) and may_hide(corners, read, script, fills_page=fills_page)
        ]
        self._take(hidden, script, fills_page=fills_page)

    def _take(self, places: Sequence[int], script: str, *, fills_page: bool = False) -> bool:
        """Read these lines as a script that was proven; let stand what is better. Whether anything is."""
        model = installed_model(models_of_script(script), self._installed)
        if not model or not places:
            return False
        taken = {
            place: again
            for place, again in self._reads(places, model).items()
            if is_better(again.read, self._doubts[place], script, proven=True, fills_page=fills_page)
        }
        for place, again in taken.items():
            self._page.take(place, again)
            self._taken += self._lengths[place]
        return bool(taken)

    def _reads(self, places: Sequence[int], model: str) -> dict[int, Again]:
        """What a model reads in these boxes; it does so once for each."""
        seen = self._seen.setdefault(model, {})
        seen.update(self._page.read_again([place for place in places if place not in seen], model))
        return {place: seen[place] for place in places if place in seen}

    def _doubtful(self) -> list[int]:
        """The places of doubtful lines that nothing better was found for, the longest first."""
        return self._page.longest_first(
            place for place, each in enumerate(self._doubts) if each and self._is_as_read(place)
        )

    def _is_as_read(self, place: int) -> bool:
        return self._page.found[place] is self._page.read[place]
