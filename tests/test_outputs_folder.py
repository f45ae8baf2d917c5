"""A folder of outputs appears whole or not at all, and nobody else's files are touched."""

import json
import os
import shutil
import sys
from pathlib import Path

import pytest
from filelock import FileLock

from outputs import SUMMARY_FILE, OutputError, check_folder, whole_file, whole_folder
from outputs import folder as folder_module
from outputs._exchange import exchanged

FILES = ["map.html", SUMMARY_FILE, "tables/deep/zones.csv"]
NAMES = ["map.html", SUMMARY_FILE, "tables"]


def write_run(folder: Path, word: str) -> None:
    """Write what a run writes."""
    (folder / "tables" / "deep").mkdir(parents=True)
    for name in FILES:
        (folder / name).write_text(word, encoding="utf-8")
    summary = {"software": "arrest-atlas", "files": FILES, "word": word}
    (folder / SUMMARY_FILE).write_text(json.dumps(summary), encoding="utf-8")


def snapshot(folder: Path) -> dict[str, bytes | None]:
    """List everything below a folder, hidden files included, with contents."""
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in sorted(folder.rglob("*"))
    }


@pytest.fixture
def in_two_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make folders as if the file system could not let them change places."""
    monkeypatch.setattr(folder_module, "exchanged", lambda *_: False)


@pytest.fixture
def earlier(tmp_path: Path) -> Path:
    """Make the folder of an earlier run."""
    with whole_folder(tmp_path / "out") as folder:
        write_run(folder, "earlier")
    return tmp_path / "out"


def test_a_new_folder_appears_whole(tmp_path: Path) -> None:
    target = tmp_path / "new" / "out"
    with whole_folder(target) as folder:
        write_run(folder, "first")
        assert not target.exists()
    assert sorted(path.name for path in target.iterdir()) == NAMES
    assert [path.name for path in target.parent.iterdir()] == ["out"]


def test_an_empty_folder_is_filled(tmp_path: Path) -> None:
    target = tmp_path / "out"
    target.mkdir()
    with whole_folder(target) as folder:
        write_run(folder, "first")
    assert sorted(path.name for path in target.iterdir()) == NAMES


def test_the_folder_is_readable_by_others(tmp_path: Path) -> None:
    with whole_folder(tmp_path / "out") as folder:
        write_run(folder, "first")
    assert (tmp_path / "out").stat().st_mode & 0o777 == 0o755


def test_an_earlier_run_is_replaced_whole(earlier: Path) -> None:
    (earlier / "map.html").write_text("changed by hand", encoding="utf-8")
    with whole_folder(earlier) as folder:
        assert list(folder.iterdir()) == []
        write_run(folder, "later")
        assert (earlier / "map.html").read_text(encoding="utf-8") == "changed by hand"
    assert (earlier / "map.html").read_text(encoding="utf-8") == "later"
    assert [path.name for path in earlier.parent.iterdir()] == ["out"]


def fail_half_way(target: Path, error: BaseException) -> None:
    with whole_folder(target) as folder:
        write_run(folder, "half")
        (folder / "below").mkdir()
        (folder / "below" / "tile").write_text("half", encoding="utf-8")
        raise error


@pytest.mark.parametrize("error", [ValueError("no"), KeyboardInterrupt(), OSError(28, "full")])
def test_an_exception_leaves_the_earlier_outputs(earlier: Path, error: BaseException) -> None:
    before = snapshot(earlier.parent)
    with pytest.raises(type(error)):
        fail_half_way(earlier, error)
    assert snapshot(earlier.parent) == before


def test_an_exception_leaves_no_new_folder(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="full"):
        fail_half_way(tmp_path / "out", OSError(28, "full"))
    assert snapshot(tmp_path) == {}


def test_the_disk_has_every_file_before_the_exchange_and_the_names_after(
    earlier: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[object] = []
    monkeypatch.setattr(os, "fsync", lambda handle: done.append(os.fstat(handle).st_ino))

    def exchange(new: Path, target: Path) -> bool:
        done.append("exchange")
        return exchanged(new, target)

    monkeypatch.setattr(folder_module, "exchanged", exchange)
    with whole_folder(earlier) as folder:
        write_run(folder, "later")
        wanted = {path.stat().st_ino for path in (folder, *folder.rglob("*"))}
    before, after = done[: done.index("exchange")], done[done.index("exchange") + 1 :]
    assert wanted <= set(before)
    assert earlier.parent.stat().st_ino in after


@pytest.mark.usefixtures("in_two_steps")
def test_an_earlier_run_is_replaced_whole_in_two_steps(earlier: Path) -> None:
    with whole_folder(earlier) as folder:
        write_run(folder, "later")
    assert (earlier / "map.html").read_text(encoding="utf-8") == "later"
    assert [path.name for path in earlier.parent.iterdir()] == ["out"]


@pytest.mark.skipif(sys.platform not in {"linux", "darwin"}, reason="no exchange in one step")
def test_an_earlier_run_is_replaced_in_one_step(
    earlier: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        pytest.fail("two steps")

    monkeypatch.setattr(folder_module, "_exchange_in_two_steps", refuse)
    with whole_folder(earlier) as folder:
        write_run(folder, "later")
    assert (earlier / "map.html").read_text(encoding="utf-8") == "later"


@pytest.mark.usefixtures("in_two_steps")
@pytest.mark.parametrize("error", [OSError(5, "Input/output error"), KeyboardInterrupt()])
def test_a_failure_to_put_in_place_brings_the_earlier_outputs_back(
    earlier: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    before = snapshot(earlier.parent)
    rename = Path.rename

    def refuse(self: Path, target: Path) -> Path:
        if target == earlier and self.name == "new":
            raise error
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(type(error)), whole_folder(earlier) as folder:
        write_run(folder, "later")
    assert snapshot(earlier.parent) == before


@pytest.mark.parametrize(
    "strange",
    [
        {"thesis.docx": "years of work"},
        {".hidden": "x"},
        {"map.html": "somebody's map", SUMMARY_FILE: "not JSON"},
        {"map.html": "somebody's map", SUMMARY_FILE: "[]"},
        {"map.html": "somebody's map", SUMMARY_FILE: '{"files": ["map.html", "summary.json"]}'},
        {SUMMARY_FILE: '{"software": "other", "files": ["summary.json"]}'},
        {SUMMARY_FILE: '{"software": "arrest-atlas"}'},
        {SUMMARY_FILE: '{"software": "arrest-atlas", "files": ["map.html"]}'},
        {"map.html": "\udcff"},
    ],
)
def test_other_peoples_files_are_refused_and_kept(tmp_path: Path, strange: dict[str, str]) -> None:
    target = tmp_path / "out"
    target.mkdir()
    for name, text in strange.items():
        (target / name).write_text(text, encoding="utf-8", errors="surrogateescape")
    before = snapshot(tmp_path)
    with pytest.raises(OutputError, match=r"found other files in .*choose another --out"):
        check_folder(target)
    with pytest.raises(OutputError), whole_folder(target) as folder:
        write_run(folder, "never")
    assert snapshot(tmp_path) == before


def test_one_file_added_to_an_earlier_run_protects_it(earlier: Path) -> None:
    (earlier / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(OutputError, match=r"found other files in .*notes\.txt"):
        check_folder(earlier)
    assert (earlier / "notes.txt").read_text(encoding="utf-8") == "mine"


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    target = tmp_path / "out"
    target.write_text("a file", encoding="utf-8")
    with pytest.raises(OutputError, match=r"found a file at .*; expected a folder"):
        check_folder(target)
    assert target.read_text(encoding="utf-8") == "a file"


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    real = tmp_path / "real"
    real.mkdir()
    (tmp_path / "out").symlink_to(real)
    (tmp_path / "dead").symlink_to(tmp_path / "nothing")
    for name in ("out", "dead"):
        with pytest.raises(OutputError, match="found a file at"):
            check_folder(tmp_path / name)


def test_a_parent_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("a file", encoding="utf-8")
    for target in (tmp_path / "file" / "out", tmp_path / "file" / "deep" / "out"):
        with pytest.raises(OutputError, match=r"nothing can be written at .*choose another --out"):
            check_folder(target)
    assert snapshot(tmp_path) == {"file": b"a file"}


def test_a_parent_without_permission_is_refused(tmp_path: Path) -> None:
    parent = tmp_path / "locked"
    parent.mkdir(mode=0o555)
    if os.access(parent, os.W_OK):
        pytest.skip("this user (root?) may write anywhere")
    with pytest.raises(OutputError, match="Permission denied"):
        check_folder(parent / "out")


def test_a_folder_that_the_system_refuses_to_write_is_refused() -> None:
    if not Path("/proc/self").is_dir():
        pytest.skip("needs Linux's /proc, which nobody may write to, root included")
    with pytest.raises(OutputError, match="nothing can be written at /proc/arrest-atlas"):
        check_folder("/proc/arrest-atlas")


def test_checking_leaves_nothing_behind(tmp_path: Path) -> None:
    assert check_folder(tmp_path / "out") == tmp_path / "out"
    assert snapshot(tmp_path) == {}


def test_a_relative_folder_is_below_the_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert check_folder("out") == tmp_path / "out"
    with whole_folder("out") as folder:
        write_run(folder, "here")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == NAMES


def test_a_file_that_appears_meanwhile_is_kept(earlier: Path) -> None:
    try:
        with whole_folder(earlier) as folder:
            write_run(folder, "later")
            (earlier / "notes.txt").write_text("mine", encoding="utf-8")
    except OutputError:
        pass
    assert (earlier / "notes.txt").read_text(encoding="utf-8") == "mine"


def test_checking_makes_no_parents(tmp_path: Path) -> None:
    check_folder(tmp_path / "new" / "out")
    assert snapshot(tmp_path) == {}


@pytest.mark.parametrize("name", ["tables/mine.csv", "tables/mine/empty", "figures/mine", "mine"])
@pytest.mark.parametrize("is_folder", [False, True])
def test_one_thing_added_below_an_earlier_run_protects_it(
    earlier: Path, name: str, *, is_folder: bool
) -> None:
    path = earlier / name
    path.parent.mkdir(exist_ok=True)
    if is_folder:
        path.mkdir()
    else:
        path.write_text("mine", encoding="utf-8")
    before = snapshot(earlier.parent)
    with pytest.raises(OutputError, match=r"found other files in .*(mine|figures)"):
        check_folder(earlier)
    assert snapshot(earlier.parent) == before


def test_a_folder_is_not_taken_for_a_file_of_its_name_nor_a_link_for_a_folder(
    earlier: Path, tmp_path: Path
) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "deep").mkdir()
    (tmp_path / "elsewhere" / "deep" / "zones.csv").write_text("mine", encoding="utf-8")
    shutil.rmtree(earlier / "tables")
    (earlier / "tables").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OutputError, match=r"found other files in .*tables"):
        check_folder(earlier)
    (earlier / "tables").unlink()
    (earlier / "map.html").unlink()
    (earlier / "map.html").mkdir()
    with pytest.raises(OutputError, match=r"found other files in .*map\.html"):
        check_folder(earlier)


def test_what_gis_programs_put_beside_files_is_tolerated_in_subfolders_too(earlier: Path) -> None:
    for name in ("map.html.aux.xml", "tables/deep/zones.csv-wal", "tables/deep/zones.csv.aux.xml"):
        (earlier / name).touch()
    with whole_folder(earlier) as folder:
        write_run(folder, "later")
    assert snapshot(earlier)["map.html"] == b"later"
    assert not (earlier / "map.html.aux.xml").exists()


def left_over(parent: Path, **folders: str) -> Path:
    """Leave what a killed run leaves: a folder aside that nobody holds."""
    aside = parent / ".arrest-atlas-killed"
    for name, text in folders.items():
        (aside / name / "out").mkdir(parents=True)
        (aside / name / "out" / "file").write_text(text, encoding="utf-8")
    (aside / "lock").touch()
    return aside


def test_what_killed_runs_left_is_cleared_away(tmp_path: Path) -> None:
    left_over(tmp_path, new="half", previous="earlier")
    (tmp_path / "out").mkdir()
    with whole_folder(tmp_path / "out") as folder:
        write_run(folder, "later")
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    left_over(tmp_path, new="half")
    with whole_file(tmp_path / "file.csv", ours=lambda _: False) as path:
        path.write_text("a,b", encoding="utf-8")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file.csv", "out"]


def test_outputs_taken_away_by_a_killed_run_are_put_back(tmp_path: Path) -> None:
    left_over(tmp_path, previous="earlier")
    check_folder(tmp_path / "out")
    assert snapshot(tmp_path) == {"out": None, "out/file": b"earlier"}


def test_the_folder_aside_of_a_living_run_is_left_alone(tmp_path: Path) -> None:
    with whole_folder(tmp_path / "one") as one:
        write_run(one, "one")
        with whole_folder(tmp_path / "two") as two:
            write_run(two, "two")
            check_folder(tmp_path / "three")
        assert snapshot(one)["map.html"] == b"one"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one", "two"]


def test_a_folder_aside_cleared_away_before_it_is_held_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    acquire, late = FileLock.acquire, [True, False, True]

    def too_late(self: FileLock) -> object:
        held = acquire(self)
        if late and late.pop():
            shutil.rmtree(Path(self.lock_file).parent)
        return held

    monkeypatch.setattr(FileLock, "acquire", too_late)
    with whole_folder(tmp_path / "out") as folder:
        write_run(folder, "later")
    assert late == []
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_hidden_folders_that_are_not_ours_are_left_alone(tmp_path: Path) -> None:
    other = tmp_path / ".arrest-atlas-notes"
    other.mkdir()
    (other / "thesis.docx").write_text("mine", encoding="utf-8")
    (tmp_path / ".arrest-atlas-file").write_text("mine", encoding="utf-8")
    (tmp_path / "elsewhere" / "new").mkdir(parents=True)
    (tmp_path / ".arrest-atlas-link").symlink_to(tmp_path / "elsewhere")
    before = snapshot(tmp_path)
    check_folder(tmp_path / "out")
    assert snapshot(tmp_path) == before


def test_without_locks_nothing_is_cleared_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(37, "No locks available")

    monkeypatch.setattr(FileLock, "acquire", refuse)
    left_over(tmp_path, new="half")
    with whole_folder(tmp_path / "out") as folder:
        write_run(folder, "later")
    assert sorted(path.name for path in tmp_path.iterdir()) == [".arrest-atlas-killed", "out"]
