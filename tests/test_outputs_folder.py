"""A folder of outputs appears whole or not at all, and nobody else's files are touched."""

import json
import os
from pathlib import Path

import pytest

from outputs import SUMMARY_FILE, OutputError, check_folder, whole_folder

FILES = ["map.html", SUMMARY_FILE]


def write_run(folder: Path, word: str) -> None:
    """Write what a run writes."""
    (folder / "map.html").write_text(word, encoding="utf-8")
    summary = {"software": "arrest-atlas", "files": FILES, "word": word}
    (folder / SUMMARY_FILE).write_text(json.dumps(summary), encoding="utf-8")


def snapshot(folder: Path) -> dict[str, bytes | None]:
    """List everything below a folder, hidden files included, with contents."""
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in sorted(folder.rglob("*"))
    }


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
    assert sorted(path.name for path in target.iterdir()) == FILES
    assert [path.name for path in target.parent.iterdir()] == ["out"]


def test_an_empty_folder_is_filled(tmp_path: Path) -> None:
    target = tmp_path / "out"
    target.mkdir()
    with whole_folder(target) as folder:
        write_run(folder, "first")
    assert sorted(path.name for path in target.iterdir()) == FILES


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


def test_a_failure_to_put_in_place_brings_the_earlier_outputs_back(
    earlier: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = snapshot(earlier.parent)
    rename = Path.rename

    def refuse(self: Path, target: Path) -> Path:
        if target == earlier and self.name != "previous":
            raise OSError(5, "Input/output error")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(OSError, match="Input/output error"), whole_folder(earlier) as folder:
        write_run(folder, "later")
    monkeypatch.undo()
    assert {name: text for name, text in snapshot(earlier.parent).items() if text} == {
        name: text for name, text in before.items() if text
    }


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
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == FILES


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


def test_an_interrupt_between_the_two_renames_keeps_the_earlier_outputs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "out"

    def write(word: str) -> None:
        with whole_folder(target) as folder:
            summary = {"software": "arrest-atlas", "files": ["summary.json"], "word": word}
            (folder / "summary.json").write_text(json.dumps(summary))

    write("first")
    rename = Path.rename

    def interrupted(self: Path, new: Path) -> Path:
        if new == target and self.name != "previous":
            raise KeyboardInterrupt
        return rename(self, new)

    monkeypatch.setattr(Path, "rename", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write("second")
    assert json.loads((target / "summary.json").read_text())["word"] == "first"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
