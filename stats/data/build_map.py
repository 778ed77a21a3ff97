"""Makes world.json once from Natural Earth's countries: borders mended, projected, thinned.

python stats/data/build_map.py countries-50m.json      (how to get that file: README.md, here)
"""

import csv
import json
import math
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path

Point = tuple[float, float]
Ring = list[Point]  # closed: the last point is the first

HERE = Path(__file__).parent
TARGET = HERE / "world.json"
NATIONALITIES = HERE.parents[1] / "casereg" / "data" / "nationalities.csv"

WIDTH = 2000  # units of the drawing; about 20 km each at the equator
CENTRE_LONGITUDE = 11.6  # puts the edge of the map into the Bering Strait, where it cuts no country
EDGE_LONGITUDE = CENTRE_LONGITUDE - 180
TOLERANCE = 0.7  # units that a border may be moved by thinning
SMALLEST_ISLAND = 6.0  # square units; smaller ones are left out, but for a country's largest

# ISO 3166-1: the number by which the source names a country, and its alpha-2 code.
ISO_NUMBERS = """
004AF 008AL 010AQ 012DZ 016AS 020AD 024AO 028AG 031AZ 032AR 036AU 040AT 044BS 048BH 050BD 051AM
052BB 056BE 060BM 064BT 068BO 070BA 072BW 074BV 076BR 084BZ 086IO 090SB 092VG 096BN 100BG 104MM
108BI 112BY 116KH 120CM 124CA 132CV 136KY 140CF 144LK 148TD 152CL 156CN 158TW 162CX 166CC 170CO
174KM 175YT 178CG 180CD 184CK 188CR 191HR 192CU 196CY 203CZ 204BJ 208DK 212DM 214DO 218EC 222SV
226GQ 231ET 232ER 233EE 234FO 238FK 239GS 242FJ 246FI 248AX 250FR 254GF 258PF 260TF 262DJ 266GA
268GE 270GM 275PS 276DE 288GH 292GI 296KI 300GR 304GL 308GD 312GP 316GU 320GT 324GN 328GY 332HT
334HM 336VA 340HN 344HK 348HU 352IS 356IN 360ID 364IR 368IQ 372IE 376IL 380IT 384CI 388JM 392JP
398KZ 400JO 404KE 408KP 410KR 414KW 417KG 418LA 422LB 426LS 428LV 430LR 434LY 438LI 440LT 442LU
446MO 450MG 454MW 458MY 462MV 466ML 470MT 474MQ 478MR 480MU 484MX 492MC 496MN 498MD 499ME 500MS
504MA 508MZ 512OM 516NA 520NR 524NP 528NL 531CW 533AW 534SX 535BQ 540NC 548VU 554NZ 558NI 562NE
566NG 570NU 574NF 578NO 580MP 581UM 583FM 584MH 585PW 586PK 591PA 598PG 600PY 604PE 608PH 612PN
616PL 620PT 624GW 626TL 630PR 634QA 638RE 642RO 643RU 646RW 652BL 654SH 659KN 660AI 662LC 663MF
666PM 670VC 674SM 678ST 682SA 686SN 688RS 690SC 694SL 702SG 703SK 704VN 705SI 706SO 710ZA 716ZW
724ES 728SS 729SD 732EH 740SR 744SJ 748SZ 752SE 756CH 760SY 762TJ 764TH 768TG 772TK 776TO 780TT
784AE 788TN 792TR 795TM 796TC 798TV 800UG 804UA 807MK 818EG 826GB 831GG 832JE 833IM 834TZ 840US
850VI 854BF 858UY 860UZ 862VE 876WF 882WS 887YE 894ZM"""

# Parts of countries that the source draws as countries of their own. Sweden recognises Kosovo and the whole
# of Cyprus and Somalia. The glacier between India and Pakistan stays land that belongs to nobody.
NAMED = {"Kosovo": "XK", "N. Cyprus": "CY", "Somaliland": "SO", "Siachen Glacier": "-"}
# Specks of Australia and Britain; and Antarctica, whose land would take a third of the height: a dot.
LEFT_OUT = {"Indian Ocean Ter.", "Ashmore and Cartier Is.", "Antarctica"}

# Longitude and latitude of places that the source does not draw: where the dot goes.
DOTS = {
    "AQ": (0.0, -55.4),  # at the lower edge, nearest to the continent
    "BQ": (-68.27, 12.18),
    "BV": (3.36, -54.42),
    "CC": (96.87, -12.16),
    "CX": (105.67, -10.48),
    "GF": (-53.1, 4.0),
    "GI": (-5.35, 36.14),
    "GP": (-61.55, 16.25),
    "MQ": (-61.02, 14.65),
    "RE": (55.53, -21.13),
    "SJ": (16.0, 78.6),
    "TK": (-171.85, -9.2),
    "TV": (179.2, -8.52),
    "UM": (-169.53, 16.73),  # Johnston Atoll
    "YT": (45.15, -12.83),
}


def main(source: str) -> None:
    countries = read_countries(Path(source))
    mend_borders(countries)
    borders = {code: dissolve(rings) for code, rings in countries.items()}
    drawn = thin(
        {code: [[project(point) for point in ring] for ring in rings] for code, rings in borders.items()}
    )
    dots = {code: project((from_edge(longitude), latitude)) for code, (longitude, latitude) in DOTS.items()}
    left, top, right, bottom = extent(
        [*(ring for rings in drawn.values() for ring in rings), [*dots.values()]]
    )
    scale = WIDTH / (right - left)

    def place(point: Point) -> tuple[int, int]:
        return round((point[0] - left) * scale), round((point[1] - top) * scale)

    world: dict[str, dict[str, object]] = {}
    for code, rings in drawn.items():
        world[code] = country_entry([[place(point) for point in ring] for ring in rings])
    for code, where in dots.items():
        x, y = place(where)
        world[code] = {"x": x, "y": y}
    missing = nationality_codes() - world.keys()
    if missing:
        sys.exit(f"No place on the map for {', '.join(sorted(missing))}.")
    write(world, height=round((bottom - top) * scale))


def nationality_codes() -> set[str]:
    with NATIONALITIES.open(encoding="utf-8", newline="") as file:
        return {row["code"] for row in csv.DictReader(file)} - {"stateless", "unknown"}


# --- reading ----------------------------------------------------------------------------------------


def read_countries(source: Path) -> dict[str, list[Ring]]:
    """The rings of each country in degrees, all in one turn of the globe that begins at the map's edge."""
    topology = json.loads(source.read_text(encoding="utf-8"))
    arcs = [list(decoded(arc, topology["transform"])) for arc in topology["arcs"]]
    codes = {token[:3]: token[3:] for token in ISO_NUMBERS.split()}
    countries: dict[str, list[Ring]] = defaultdict(list)
    for shape in topology["objects"]["countries"]["geometries"]:
        name = shape["properties"]["name"]
        if name in LEFT_OUT:
            continue
        code = NAMED[name] if name in NAMED else codes[shape["id"]]
        polygons = shape["arcs"] if shape["type"] == "MultiPolygon" else [shape["arcs"]]
        countries[code] += [joined(ring, arcs) for polygon in polygons for ring in polygon]
    return dict(countries)


def decoded(arc: Sequence[Sequence[int]], transform: Mapping[str, Sequence[float]]) -> Iterator[Point]:
    x = y = 0
    for step_x, step_y in arc:
        x, y = x + step_x, y + step_y
        longitude = x * transform["scale"][0] + transform["translate"][0]
        latitude = y * transform["scale"][1] + transform["translate"][1]
        yield from_edge(round(longitude, 4)), round(latitude, 4)


def from_edge(longitude: float) -> float:
    return longitude + 360 if longitude < EDGE_LONGITUDE else longitude


def joined(numbers: Sequence[int], arcs: Sequence[Ring]) -> Ring:
    ring: Ring = []
    for number in numbers:
        arc = arcs[number] if number >= 0 else arcs[~number][::-1]
        ring += arc[1:] if ring else arc
    is_east = [x > CENTRE_LONGITUDE for x, _y in ring]
    if max(x for x, _y in ring) - min(x for x, _y in ring) < 180:
        return ring
    # An island in the Bering Sea that the edge would cut: whole, on the side where most of it lies.
    if sum(is_east) > len(ring) / 2:
        return [(x if east else x + 360, y) for (x, y), east in zip(ring, is_east, strict=True)]
    return [(x - 360 if east else x, y) for (x, y), east in zip(ring, is_east, strict=True)]


# --- borders ----------------------------------------------------------------------------------------


def mend_borders(countries: dict[str, list[Ring]]) -> None:
    """Crimea to Ukraine, Western Sahara apart from Morocco, the Golan Heights to Syria."""
    is_crimea = [within(ring, 32, 37, 44, 46.5) for ring in countries["RU"]]
    countries["UA"] += [ring for ring, crimea in zip(countries["RU"], is_crimea, strict=True) if crimea]
    countries["RU"] = [ring for ring, crimea in zip(countries["RU"], is_crimea, strict=True) if not crimea]
    if sum(is_crimea) != 1:
        sys.exit("Crimea was not found where it was expected.")
    # The line of 27°40' north from the coast to Algeria; both ends are points of the source.
    north, south = split(countries["MA"], (-13.174, 27.655), (-8.685, 27.657))
    countries["MA"], countries["EH"] = north, countries["EH"] + south
    # The upper Jordan and the eastern shore of the Sea of Galilee.
    west, east = split(
        countries["IL"], (35.61, 32.683), (35.628, 33.275), via=[(35.64, 32.86), (35.62, 33.0)]
    )
    countries["IL"], countries["SY"] = west, countries["SY"] + east


def within(ring: Ring, west: float, east: float, south: float, north: float) -> bool:
    return all(west < x < east and south < y < north for x, y in ring)


def split(
    rings: list[Ring], start: Point, end: Point, via: Sequence[Point] = ()
) -> tuple[list[Ring], list[Ring]]:
    """Cut the one ring that has both points along a line between them: the larger part, the smaller part."""
    has_both = [
        all(math.dist(ring[nearest(ring, near)], near) < 0.01 for near in (start, end)) for ring in rings
    ]
    if sum(has_both) != 1:
        sys.exit(f"{sum(has_both)} rings have points near {start} and {end}.")
    index = has_both.index(True)
    ring = rings[index]
    first, last = nearest(ring, start), nearest(ring, end)
    line = [ring[first], *via, ring[last]]
    if first > last:
        first, last, line = last, first, line[::-1]
    outer = ring[:first] + line + ring[last + 1 :]
    inner = ring[first : last + 1] + line[-2::-1]
    if abs(area(outer)) < abs(area(inner)):
        outer, inner = inner, outer
    return [*rings[:index], outer, *rings[index + 1 :]], [inner]


def nearest(ring: Ring, point: Point) -> int:
    return min(range(len(ring) - 1), key=lambda index: math.dist(ring[index], point))


def dissolve(rings: list[Ring]) -> list[Ring]:
    """Join rings that share borders: a segment that is walked in both directions is inside and goes."""
    segments = {(a, b) for ring in rings for a, b in pairwise(ring) if a != b}
    onward: dict[Point, list[Point]] = defaultdict(list)
    for a, b in sorted(segments):
        if (b, a) not in segments:
            onward[a].append(b)
    result = []
    while onward:
        start = min(onward)
        ring = [start]
        while ring[-1] != start or len(ring) == 1:
            ends = onward[ring[-1]]
            ring.append(ends.pop())
            if not ends:
                del onward[ring[-2]]
        result.append(ring)
    return result


# --- drawing ----------------------------------------------------------------------------------------


def project(point: Point) -> Point:
    """Equal Earth: areas are true, and the world looks as people know it. y grows downwards."""
    a1, a2, a3, a4 = 1.340264, -0.081106, 0.000893, 0.003796
    longitude, latitude = math.radians(point[0] - CENTRE_LONGITUDE), math.radians(point[1])
    theta = math.asin(math.sqrt(3) / 2 * math.sin(latitude))
    divisor = 3 * (9 * a4 * theta**8 + 7 * a3 * theta**6 + 3 * a2 * theta**2 + a1)
    x = 2 * math.sqrt(3) * longitude * math.cos(theta) / divisor
    y = a4 * theta**9 + a3 * theta**7 + a2 * theta**3 + a1 * theta
    return x, -y


def projected(rings: Iterable[Ring]) -> list[Ring]:
    return [[project(point) for point in ring] for ring in rings]


def thin(countries: dict[str, list[Ring]]) -> dict[str, list[Ring]]:
    """Fewer points. A border between two countries stays one line: it is thinned once, between junctions."""
    left, _top, right, _bottom = extent(ring for rings in countries.values() for ring in rings)
    unit = (right - left) / WIDTH
    neighbours: dict[Point, set[Point]] = defaultdict(set)
    for rings in countries.values():
        for ring in rings:
            for a, b in pairwise(ring):
                neighbours[a].add(b)
                neighbours[b].add(a)
    junctions = {point for point, others in neighbours.items() if len(others) > 2}
    drawn: dict[str, list[Ring]] = {}
    for code, rings in countries.items():
        thinned = [thinned_ring(ring, junctions, TOLERANCE * unit) for ring in rings]
        thinned.sort(key=lambda ring: -abs(area(ring)))
        large = [ring for ring in thinned[1:] if abs(area(ring)) >= SMALLEST_ISLAND * unit**2]
        drawn[code] = thinned[:1] + large
    return drawn


def thinned_ring(ring: Ring, junctions: set[Point], tolerance: float) -> Ring:
    body = ring[:-1]
    starts = [index for index, point in enumerate(body) if point in junctions]
    if not starts:  # an island: two points that are far apart take the junctions' place
        first = body.index(min(body))
        far = max(range(len(body)), key=lambda index: math.dist(body[index], body[first]))
        starts = sorted({first, far})
    result: Ring = []
    for start, end in zip(starts, [*starts[1:], starts[0] + len(body)], strict=True):
        chain = [body[index % len(body)] for index in range(start, end + 1)]
        backwards = chain[0] > chain[-1] or (chain[0] == chain[-1] and chain[1] > chain[-2])
        kept = simplified(chain[::-1] if backwards else chain, tolerance)
        result += (kept[::-1] if backwards else kept)[:-1]
    return [*result, result[0]]


def simplified(chain: Ring, tolerance: float) -> Ring:
    """Douglas and Peucker: the points without which the line would move by more than the tolerance."""
    keep = {0, len(chain) - 1}
    spans = [(0, len(chain) - 1)]
    while spans:
        start, end = spans.pop()
        if end - start < 2:
            continue
        far = max(range(start + 1, end), key=lambda index: distance(chain[index], chain[start], chain[end]))
        if distance(chain[far], chain[start], chain[end]) > tolerance:
            keep.add(far)
            spans += [(start, far), (far, end)]
    return [chain[index] for index in sorted(keep)]


def distance(point: Point, start: Point, end: Point) -> float:
    """From a point to a segment."""
    (px, py), (ax, ay), (bx, by) = point, start, end
    length = (bx - ax) ** 2 + (by - ay) ** 2
    along = (
        0.0 if not length else max(0.0, min(1.0, ((px - ax) * (bx - ax) + (py - ay) * (by - ay)) / length))
    )
    return math.dist(point, (ax + along * (bx - ax), ay + along * (by - ay)))


def area(ring: Sequence[Point]) -> float:
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(ring)) / 2


def extent(rings: Iterable[Sequence[Point]]) -> tuple[float, float, float, float]:
    points = [point for ring in rings for point in ring]
    xs, ys = [x for x, _y in points], [y for _x, y in points]
    return min(xs), min(ys), max(xs), max(ys)


def country_entry(rings: list[list[tuple[int, int]]]) -> dict[str, object]:
    """Its path, the place for a dot or a name, and the area of its largest part in square units."""
    largest = rings[0]
    x, y = middle(largest)
    paths = [path(ring) for ring in rings]
    entry: dict[str, object] = {"x": x, "y": y, "area": round(abs(area(largest)))}
    return entry | {"path": "".join(paths)} if any(paths) else entry


def path(ring: list[tuple[int, int]]) -> str:
    points = [ring[0]]
    for point in ring[1:-1]:
        if point != points[-1]:
            points.append(point)
    if len(set(points)) < 3:
        return ""
    steps = [f"{b[0] - a[0]} {b[1] - a[1]}" for a, b in pairwise(points)]
    return f"M{points[0][0]} {points[0][1]}l{' '.join(steps)}z".replace(" -", "-")


def middle(ring: list[tuple[int, int]]) -> tuple[int, int]:
    """A point well inside: of a grid, the one that is farthest from the border."""
    left, top, right, bottom = extent([ring])
    fractions = [step / 24 for step in range(1, 24)]
    grid = [(left + (right - left) * i, top + (bottom - top) * j) for i in fractions for j in fractions]
    inside = [point for point in grid if is_inside(point, ring)] or [((left + right) / 2, (top + bottom) / 2)]
    best = max(inside, key=lambda point: min(distance(point, a, b) for a, b in pairwise(ring)))
    return round(best[0]), round(best[1])


def is_inside(point: Point, ring: Sequence[Point]) -> bool:
    crossings: Counter[bool] = Counter()
    for (ax, ay), (bx, by) in pairwise(ring):
        if (ay > point[1]) != (by > point[1]):
            crossings[point[0] < (bx - ax) * (point[1] - ay) / (by - ay) + ax] += 1
    return crossings[True] % 2 == 1


def write(world: Mapping[str, Mapping[str, object]], height: int) -> None:
    """One line a country, so that a later build shows what it changed."""
    lines = [f"{json.dumps(code)}: {json.dumps(world[code])}" for code in sorted(world)]
    text = f'{{"width": {WIDTH}, "height": {height}, "countries": {{\n' + ",\n".join(lines) + "\n}}\n"
    TARGET.write_text(text, encoding="utf-8")
    sys.stdout.write(f"{len(world)} countries, {len(text.encode()):,} bytes\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
