"""Libraries of the sizes that places publish: read whole, and found again by class, code and name."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from rules_service.facts.library import TOP, Libraries, Library, label, lower
from rules_service.facts.missing import Absent
from rules_service.model.diagnostics import Diagnostics
from rules_service.model.library_documents import LibraryDocument
from rules_service.model.library_rows import COLUMNS, ClassPath, read_library
from rules_service.model.reader import read_yaml
from rules_service.model.validation import CATALOGUE, read_document

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "rulesets" / "national" / "libraries" / "sample-core" / "2026.1"
MANIFEST = """\
id: made
version: "1"
title: {zh: 试库, en: Library}
effective_from: 2020-01-01
issuer: {zh: 某局, en: Bureau}
document: 某文
proof: P
sample: true
tree: "2021"
"""


def spread(total: int, over: int) -> list[int]:
    """``total`` things shared among ``over`` as evenly as can be."""
    return [total // over + (place < total % over) for place in range(over)]


def paths(industries: int, categories: int, uses: int) -> list[ClassPath]:
    """The uses of so many categories of so many industries."""
    made: list[tuple[str, str]] = []
    for number, count in enumerate(spread(categories, industries)):
        made += [(f"I{number}", f"I{number}C{place}") for place in range(count)]
    found: list[ClassPath] = []
    for (industry, category), count in zip(made, spread(uses, categories), strict=True):
        found += [(industry, category, f"{category}U{place}") for place in range(count)]
    return found


def rows(found: Sequence[ClassPath], total: int, prefix: str = "K") -> list[list[str]]:
    """So many core indicators shared among the classes."""
    made: list[list[str]] = []
    for path, count in zip(found, spread(total, len(found)), strict=True):
        for _ in range(count):
            code = f"{prefix}{len(made)}"
            tail = ["产出", "质量", f"{code}号设施验收合格率", "", "%", "GE", "POSITIVE", "≥95%", "no"]
            made.append([*path, code, *tail, "", "生成", ""])
    return made


def made(*tables: list[list[str]]) -> Library:
    """A library read from tables of such rows."""
    files = {}
    for number, table in enumerate(tables):
        stream = io.StringIO()
        csv.writer(stream, lineterminator="\n").writerows([list(COLUMNS), *table])
        files[f"indicators-{number}.csv"] = stream.getvalue().encode()
    return read("libraries/made/1", MANIFEST.encode(), files)


def read(folder: str, manifest: bytes, files: dict[str, bytes]) -> Library:
    found = Diagnostics(CATALOGUE)
    node = read_yaml("library.yaml", manifest, found)
    document = read_document(LibraryDocument, node, "library.yaml", found)
    assert document is not None
    source = read_library(folder, document, files, found)
    assert found.found == []
    return Library(source)


@pytest.mark.parametrize(
    ("industries", "categories", "uses", "indicators"),
    [(17, 67, 211, 2_354), (14, 40, 120, 1_881), (30, 164, 648, 8_647), (20, 200, 5_000, 100_000)],
    ids=["17/67/211/2354", "14 industries, 1881", "8647", "100,000 rows"],
)
def test_sizes(industries: int, categories: int, uses: int, indicators: int) -> None:
    """Everything that was written is found again, by class and by code, and nothing else."""
    table = rows(paths(industries, categories, uses), indicators)
    library = made(table)
    assert {name: number for name, number in library.counts().items() if number} == {
        "industries": industries,
        "categories": categories,
        "uses": uses,
        "indicators": indicators,
    }
    expected = Counter(tuple(row[:3]) for row in table)
    libraries = Libraries([library])
    for path, number in expected.items():
        found = libraries.cores(path)
        assert not isinstance(found, Absent)
        assert len(found) == number
        assert {each.path for each in found} == {path}
    assert sum(number for _, number in library.below(TOP)) == indicators
    assert sum(1 for _ in library.find(TOP)) == indicators
    for row in (table[0], table[len(table) // 2], table[-1]):
        indicator = libraries.indicator(row[3])
        assert indicator is not None
        assert (indicator.path, indicator.name) == (tuple(row[:3]), row[6])
        assert [each.code for each in library.find(TOP, row[6])] == [row[3]]
        assert [each.code for each in library.find((row[0], row[1], row[2]), row[6])] == [row[3]]
    elsewhere = next(path for path in expected if path[0] != table[0][0])
    assert list(library.find(elsewhere, table[0][6])) == []


def test_common_beside_specific() -> None:
    """245 common indicators in 15 classes beside 1,881 of 14 industries, in two tables."""
    classes: list[ClassPath] = [("", f"类{number}", "") for number in range(15)]
    library = made(rows(paths(14, 40, 120), 1_881), rows(classes, 245, "G"))
    counts = library.counts()
    assert (counts["common_classes"], counts["common_indicators"]) == (15, 245)
    assert (counts["industries"], counts["indicators"]) == (14, 1_881)
    assert sum(1 for _ in library.find(TOP, common=True)) == 245
    assert sum(1 for _ in library.find(TOP)) == 1_881
    first = lower(TOP, "类0", common=True)
    assert sum(1 for _ in library.find(first, common=True)) == 17
    assert library.below(TOP, common=True)[0] == (first, 17)


def test_rows_of_whole_classes() -> None:
    """A row without use or category holds for all below; the widest class comes first."""
    wide = rows([("A", "", ""), ("A", "A1", ""), ("A", "A1", "X"), ("A", "A2", "Y"), ("B", "", "")], 5)
    library = made(wide)
    libraries = Libraries([library])

    def codes(*path: str | None) -> list[str] | Absent:
        found = libraries.cores(path)
        return found if isinstance(found, Absent) else [each.code for each in found]

    assert codes("A", "A1", "X") == ["K0", "K1", "K2"]
    assert codes("A", "A2", "Y") == ["K0", "K3"]
    assert codes("B", None, None) == ["K4"], "nothing is told apart below this industry"
    for path in ((None, "A1", "X"), ("A", None, "X"), ("A", "A1", None), ("C", "A1", "X"), ("A", "A1", "Y")):
        assert isinstance(codes(*path), Absent)
    assert [each.code for each in library.find(("A", "A1", ""))] == ["K0", "K1", "K2"]
    assert [each.code for each in library.find(("A", "", ""))] == ["K0", "K1", "K2", "K3"]


def test_names_are_found_by_other_spellings() -> None:
    """Case, width and spaces mean nothing; a match never runs over into the next name."""
    table = rows([("A", "", "")], 3)
    table[0][6:8] = ["PM2.5 年均浓度", "细颗粒物浓度|ＰＭ２.５达标率"]
    table[1][6] = "浓度"
    library = made(table)

    def found(text: str) -> list[str]:
        return [each.code for each in library.find(TOP, text)]

    assert found("pm2.5年均") == found("ＰＭ２．５ 达标") == found("颗粒物") == ["K0"]
    assert found("浓度") == ["K0", "K1"], "once each, though two of its names hold it"
    assert found("率k2") == found("度\n细") == []
    assert found(" ") == ["K0", "K1", "K2"]


def test_the_sample_is_what_was_published() -> None:
    """Each row of the sample library names its published table, with a name and a value that stand there."""
    published = {}
    for line in (ROOT / "samples" / "source" / "goals.jsonl").read_text("utf-8").splitlines():
        record = json.loads(line)
        published[record["id"]] = record
    files = {path.name: path.read_bytes() for path in SAMPLE.glob("*.csv")}
    library = read("libraries/sample-core/2026.1", (SAMPLE / "library.yaml").read_bytes(), files)
    assert library.document.sample
    assert library.counts() == {
        "industries": 8,
        "categories": 11,
        "uses": 12,
        "indicators": 34,
        "common_classes": 3,
        "common_indicators": 3,
    }
    for row in [*library.find(TOP), *library.find(TOP, common=True)]:
        record = published[row.source.split(" ")[0]]
        assert record["trust"] in {"high", "medium"}, "no damaged copy"
        assert record["source"] in row.source
        values = {
            indicator["level3"]: indicator["value_text"]
            for indicator in record["indicators"]
            if indicator["level3"] in {row.name, *row.aliases}
        }
        assert values, label(row)
        if row.reference_value:
            assert row.value_source in {f"该项目公布的目标值“{value}”" for value in values.values()}
        if row.required:
            assert "示例标注" in row.note
