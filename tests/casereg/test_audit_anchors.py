"""The anchor file: a line a day elsewhere, never one of a trail that does not hold, and what only it shows: a
trail that was written anew, or cut, together with its head."""

import os
import resource
import signal
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import transaction

from casereg.audit_anchors import Anchor, AnchorFileRefused, anchor_file, read_anchors
from casereg.management.readable import Problems
from casereg.models import AuditEvent, AuditHead
from casereg.models.audit import FIRST_HASH, chain_breaks
from tests.casereg.test_audit import (
    append,
    cut_the_tail,
    delete_a_row,
    delete_the_head,
    empty_it,
    flip_a_byte,
    rewrite_an_event_and_its_own_hash,
    run_sql,
    swap_two_rows,
)
from tests.conftest import NOW
from tests.databases import triggers_disabled
from tests.programs import manage
from tests.threads import at_once

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture(autouse=True)
def _no_second_goes_by(clock) -> None:
    clock.move_to(NOW, tick=False)


@pytest.fixture
def path(tmp_path) -> Path:
    return tmp_path / "anchors.txt"


def write_events(number: int) -> None:
    for _ in range(number):
        append()


def anchor(path: Path) -> None:
    call_command("anchor_audit", file=path, begin=not path.exists())


def refusal(command: str, **options) -> str:
    with pytest.raises(Problems) as problems:
        call_command(command, **options)
    [line] = problems.value.lines
    return line


def problems_with(path: Path) -> list[str]:
    """What verify_audit says: nothing, if the trail holds."""
    try:
        call_command("verify_audit", anchor=path)
    except Problems as problems:
        return [str(line) for line in problems.lines]
    return []


# --- A line a day --------------------------------------------------------------------------------


def test_a_line_is_the_moment_the_number_and_the_hash(path):
    write_events(3)

    anchor(path)

    assert path.read_text() == f"2026-11-20T12:00:00Z 3 {AuditHead.objects.get().hash}\n"
    assert read_anchors(path) == [Anchor(3, AuditHead.objects.get().hash, NOW)]


def test_each_line_is_added_and_what_stood_before_stays(path, clock):
    write_events(2)
    anchor(path)
    first = path.read_bytes()
    clock.shift(86_400)
    write_events(2)
    anchor(path)

    assert path.read_bytes().startswith(first)
    assert [(each.sequence, each.moment) for each in read_anchors(path)] == [
        (2, "2026-11-20T12:00:00Z"),
        (4, "2026-11-21T12:00:00Z"),
    ]


def test_nothing_is_added_where_nothing_was_written_since(path, capsys):
    write_events(2)
    anchor(path)
    before = path.read_bytes()

    anchor(path)

    assert path.read_bytes() == before
    assert "Event 2 is anchored already" in capsys.readouterr().out


def test_an_empty_trail_is_not_anchored(path):
    anchor(path)

    assert path.read_bytes() == b""


def test_a_line_that_another_program_adds_meanwhile_is_not_written_over(path):
    with anchor_file(path, begin=True) as file:
        path.write_text("of another\n")
        file.append(Anchor(1, FIRST_HASH, NOW))

    assert path.read_text() == f"of another\n2026-11-20T12:00:00Z 1 {FIRST_HASH}\n"


def test_two_do_not_anchor_at_once(path):
    write_events(1)

    with anchor_file(path, begin=True):
        assert "another program is adding to it" in refusal("anchor_audit", file=path)

    assert path.read_bytes() == b""


def test_others_write_while_it_is_anchored_and_verified(committed_db, path):
    write_events(3)
    anchor(path)

    def anchor_and_verify() -> list[str]:
        return [line for _ in range(8) for line in (anchor(path), *problems_with(path)) if line]

    outcomes = at_once(*[partial(write_events, 20)] * 3, anchor_and_verify)

    assert outcomes == [None, None, None, []]
    anchor(path)
    assert read_anchors(path)[-1].sequence == 63
    assert problems_with(path) == []


# --- A trail that does not hold is never anchored ------------------------------------------------


def rewrite_from(sequence: int) -> None:
    """What nobody sees without an anchor: an event is changed, and all after it and the head with it."""
    previous = ""
    for event in AuditEvent.objects.filter(sequence__gte=sequence).order_by("sequence"):
        if event.sequence == sequence:
            event.object = "another"
        event.previous_hash = previous or event.previous_hash
        event.hash = previous = event.computed_hash()
        AuditEvent.objects.filter(sequence=event.sequence).update(
            object=event.object, previous_hash=event.previous_hash, hash=event.hash
        )
    AuditHead.objects.update(hash=previous)


def cut_behind(sequence: int) -> None:
    AuditEvent.objects.filter(sequence__gt=sequence).delete()
    AuditHead.objects.update(sequence=sequence, hash=AuditEvent.objects.get(sequence=sequence).hash)


def move_the_head_to_another_hash() -> None:
    AuditHead.objects.update(hash="0" * 64)


def set_the_head_back() -> None:
    AuditHead.objects.update(sequence=0, hash=FIRST_HASH)


def empty_all_of_it() -> None:
    empty_it()
    set_the_head_back()


@pytest.mark.parametrize(
    ("tamper", "where"),
    [
        (flip_a_byte, 3),
        (rewrite_an_event_and_its_own_hash, 4),
        (delete_a_row, 3),
        (swap_two_rows, 3),
        (cut_the_tail, 4),
        (partial(cut_behind, 1), 2),
        (partial(rewrite_from, 2), 2),
        (partial(rewrite_from, 1), 2),
        (move_the_head_to_another_hash, 6),
        (set_the_head_back, 6),
        (empty_it, 2),
        (empty_all_of_it, 2),
        (delete_the_head, 6),
    ],
)
def test_a_trail_that_does_not_go_on_from_the_last_line_is_not_anchored(path, tamper, where):
    write_events(2)
    anchor(path)
    write_events(3)
    before = path.read_bytes()

    with triggers_disabled():
        tamper()

    said = refusal("anchor_audit", file=path)
    assert said.startswith(f"Event {where}: ")
    assert "Nothing is anchored" in said
    assert path.read_bytes() == before


def test_the_first_line_vouches_for_the_whole_trail(path):
    write_events(5)
    with triggers_disabled():
        flip_a_byte()

    assert refusal("anchor_audit", file=path, begin=True).startswith("Event 3: ")
    assert path.read_bytes() == b""


# --- What only the anchors show ------------------------------------------------------------------


def anchored_at_2_4_and_6(path: Path) -> None:
    for _ in range(3):
        write_events(2)
        anchor(path)


def test_a_trail_that_holds_says_how_far_it_is_anchored(path, capsys):
    anchored_at_2_4_and_6(path)
    append()
    capsys.readouterr()

    call_command("verify_audit", anchor=path)

    said = capsys.readouterr().out.splitlines()
    assert said == [
        f"7 events, an unbroken chain. Head: {AuditHead.objects.get().hash}",
        "3 anchors hold, the last of 2026-11-20T12:00:00Z, event 6.",
    ]


@pytest.mark.parametrize(
    ("tamper", "said"),
    [
        (partial(rewrite_from, 3), {4: "another event than", 6: "another event than"}),
        (partial(rewrite_from, 1), dict.fromkeys((2, 4, 6), "another event than")),
        (partial(rewrite_from, 6), {6: "another event than"}),
        (partial(cut_behind, 5), {6: "is missing"}),
        (partial(cut_behind, 2), {4: "is missing", 6: "is missing"}),
        (empty_all_of_it, {2: "is missing", 4: "is missing", 6: "is missing"}),
    ],
)
def test_what_was_rewritten_with_its_head_is_seen_by_the_anchors_alone(
    path, tamper: Callable[[], None], said: dict[int, str]
):
    anchored_at_2_4_and_6(path)

    with triggers_disabled():
        tamper()

    assert list(chain_breaks()) == []
    found = problems_with(path)
    assert len(found) == len(said)
    for line, (number, words) in zip(found, said.items(), strict=True):
        assert line.startswith(f"Event {number}: ")
        assert words in line
        assert "2026-11-20T12:00:00Z" in line


@pytest.mark.parametrize(
    ("tamper", "where"),
    [(flip_a_byte, 3), (delete_a_row, 3), (swap_two_rows, 3), (cut_the_tail, 4), (empty_it, 1),
     (delete_the_head, 7)],
)  # fmt: skip
def test_what_is_seen_without_anchors_is_seen_with_them(path, tamper, where):
    anchored_at_2_4_and_6(path)

    with triggers_disabled():
        tamper()

    assert any(line.startswith(f"Event {where}: ") for line in problems_with(path))


def test_an_anchor_in_a_hole_is_named(path):
    anchored_at_2_4_and_6(path)

    with triggers_disabled():
        run_sql("DELETE FROM casereg_auditevent WHERE sequence = 4")

    assert problems_with(path) == [
        "Event 4: it was anchored on 2026-11-20T12:00:00Z, and is missing.",
        "Event 4: events 4 to 4 are missing.",
    ]


def test_the_command_says_in_one_line_and_by_its_status_what_is_wrong(committed_db, path):
    write_events(2)
    whole = manage("anchor_audit", "--file", path, "--begin")
    with transaction.atomic(), triggers_disabled():
        rewrite_from(2)
    broken = manage("anchor_audit", "--file", path)

    assert (whole.returncode, whole.stderr) == (0, "")
    assert (broken.returncode, broken.stdout, len(broken.stderr.splitlines())) == (1, "", 1)
    assert broken.stderr.startswith("Event 2: it is another event than the one anchored on ")


# --- A file that is not what it should be --------------------------------------------------------

LINE = f"2026-11-20T12:00:00Z 2 {'a' * 64}\n"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (LINE.rstrip("\n"), "line 1: the last line is only half written"),
        (LINE + LINE[:30], "line 2: the last line is only half written"),
        (LINE + "\n", "line 2: that is no moment, number and hash"),
        (LINE.replace("\n", "\r\n"), "line 1: that is no moment"),
        ("# anchors\n" + LINE, "line 1: that is no moment"),
        (LINE.replace("a\n", "g\n"), "line 1: that is no moment"),
        (LINE.replace("-11-", "-13-"), "line 1: that is no moment"),
        (LINE.replace(" 2 ", " 0 "), "line 1: that is no moment"),
        (LINE.replace(" 2 ", f" {10**20} "), "line 1: that is no moment"),
        (LINE * 2, "line 2: it does not go on from the line before it"),
        (LINE + LINE.replace(" 2 ", " 1 "), "line 2: it does not go on"),
        ("\0" * 100_000, "line 1: that is no moment"),
        ("å" * 30, "line 1: the last line is only half written"),
    ],
)
def test_a_line_that_is_none_is_named_and_left_alone(path, content, said):
    write_events(3)
    path.write_text(content, encoding="utf-8", newline="")
    before = path.read_bytes()

    assert said in refusal("anchor_audit", file=path)
    assert said in refusal("verify_audit", anchor=path)
    assert path.read_bytes() == before


def test_an_empty_file_is_added_to_and_proves_nothing(path):
    write_events(1)
    path.touch()

    assert "is empty" in refusal("verify_audit", anchor=path)
    call_command("anchor_audit", file=path)
    assert problems_with(path) == []


def test_a_file_that_is_not_there_is_not_made_unasked(path):
    write_events(1)

    assert "Is its disk mounted?" in refusal("anchor_audit", file=path)
    assert "Is its disk mounted?" in refusal("verify_audit", anchor=path)
    assert not path.exists()


def test_a_file_that_is_there_is_not_begun_anew(path):
    write_events(1)
    anchor(path)
    before = path.read_bytes()

    assert "is there already" in refusal("anchor_audit", file=path, begin=True)
    assert path.read_bytes() == before


def test_what_is_no_file_is_refused_in_words(tmp_path):
    write_events(1)
    pipe, folder = tmp_path / "pipe", tmp_path / "folder"
    os.mkfifo(pipe)
    folder.mkdir()

    for place in (pipe, Path("/dev/zero"), folder, pipe / "below"):
        said = "is not a file" if place in (pipe, Path("/dev/zero")) else "directory"
        assert said in refusal("anchor_audit", file=place)
        assert said in refusal("verify_audit", anchor=place)


def test_a_disk_that_is_full_leaves_half_a_line_which_stops_the_next_run(path):
    write_events(1)
    anchor(path)
    append()
    was = path.stat().st_size
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    with anchor_file(path) as file:
        resource.setrlimit(resource.RLIMIT_FSIZE, (was + 10, limit[1]))
        try:
            with pytest.raises(AnchorFileRefused, match="only half of the line was written"):
                file.append(Anchor(2, FIRST_HASH, NOW))
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limit)

    assert path.stat().st_size == was + 10
    assert "line 2: the last line is only half written" in refusal("anchor_audit", file=path)
    assert path.stat().st_size == was + 10
