"""Reads charts back from their SVG text: boxes of text by an estimate of widths, marks, references."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import fromstring

from stats.charts.lettering import text_width

SVG = "{http://www.w3.org/2000/svg}"
_ALLOWED = {
    *(
        "svg",
        "title",
        "desc",
        "defs",
        "pattern",
        "clipPath",
        "rect",
        "path",
        "line",
        "circle",
        "g",
        "text",
        "use",
    )
}


@dataclass(frozen=True)
class Box:
    left: float
    top: float
    right: float
    bottom: float
    what: str

    def meets(self, other: "Box") -> bool:
        hair = 0.02  # coordinates are rounded
        return (
            self.left < other.right - hair
            and other.left < self.right - hair
            and self.top < other.bottom - hair
            and other.top < self.bottom - hair
        )

    def lies_in(self, other: "Box") -> bool:
        return (
            other.left <= self.left + 0.02
            and self.right <= other.right + 0.02
            and other.top <= self.top + 0.02
            and self.bottom <= other.bottom + 0.02
        )


def parsed(svg: str) -> Element:
    return fromstring(svg)


def words(svg: str) -> list[str]:
    return [element.text or "" for element in parsed(svg).iter(f"{SVG}text")]


def marks(svg: str) -> list[Element]:
    """The shapes that stand for values."""
    return [element for element in parsed(svg).iter() if element.get("class") == "mark"]


def said(mark: Element) -> str:
    return mark.findtext(f"{SVG}title") or ""


def text_boxes(svg: str) -> list[Box]:
    return [
        _text_box(element, down) for element, down in _with_shift(parsed(svg)) if element.tag == f"{SVG}text"
    ]


def bars(svg: str) -> list[Box]:
    return [
        Box(x, y + down, x + width, y + height + down, said(element))
        for element, down in _with_shift(parsed(svg))
        if element.get("class") == "mark" and element.tag == f"{SVG}rect"
        for x, y, width, height in [[float(element.get(name, "")) for name in ("x", "y", "width", "height")]]
    ]


def dots(svg: str) -> list[Box]:
    return [
        Box(x - r, y - r, x + r, y + r, said(element))
        for element in marks(svg)
        if element.tag == f"{SVG}circle"
        for x, y, r in [[float(element.get(name, "")) for name in ("cx", "cy", "r")]]
    ]


def assert_well_made(svg: str) -> None:
    """What holds for every chart: it is safe, whole, and all of its text can be read."""
    root = parsed(svg)
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    assert len(ids) == len(set(ids))
    assert {element.tag for element in root.iter()} <= {f"{SVG}{name}" for name in _ALLOWED}
    for element in root.iter():
        assert not [name for name in element.keys() if name == "style" or name.startswith("on")]  # noqa: SIM118
    assert root.get("role") == "img"
    assert {root.get("aria-labelledby"), root.get("aria-describedby")} <= set(ids)
    assert set(re.findall(r"(?:url\(|href=\")#([\w-]+)", svg)) <= set(ids)
    left, top, width, height = (float(part) for part in root.get("viewBox", "").split())
    sheet = Box(left, top, left + width, top + height, "the sheet")
    boxes = text_boxes(svg)
    assert [box for box in boxes if not box.lies_in(sheet)] == []
    assert [(a, b) for a, b in combinations(boxes, 2) if a.meets(b)] == []
    shapes = bars(svg)
    assert [bar for bar in shapes if not bar.lies_in(sheet)] == []
    meeting = [(box, bar) for box in boxes for bar in shapes if box.meets(bar) and not box.lies_in(bar)]
    assert meeting == []
    # A narrow drawing of 360 units is shown in 358 pixels on a telephone of 390.
    assert min((float(text.get("font-size", "0")) for text in root.iter(f"{SVG}text")), default=12.5) >= 12.2


def _text_box(element: Element, down: float) -> Box:
    text = element.text or ""
    size = float(element.get("font-size", ""))
    width = text_width(text, size, bold=element.get("font-weight") == "600")
    x, y = float(element.get("x", "")), float(element.get("y", "")) + down
    left = x - {"start": 0.0, "middle": width / 2, "end": width}[element.get("text-anchor", "")]
    # From the top of capitals to a little below the baseline.
    return Box(left, y - 0.76 * size, left + width, y + 0.2 * size, text)


def _with_shift(root: Element, down: float = 0.0) -> Iterator[tuple[Element, float]]:
    """Every element with how far its groups move it down."""
    for element in root:
        moved = re.fullmatch(r"translate\(0 ([\d.]+)\)", element.get("transform", ""))
        shift = down + (float(moved[1]) if moved else 0.0)
        yield element, shift
        yield from _with_shift(element, shift)
