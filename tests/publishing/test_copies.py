"""The copy for a server elsewhere: complete, minimal to bring up to date, never somebody else's folder."""

from pathlib import Path

import pytest

from statuspage import db
from statuspage.errors import RuleBroken
from statuspage.publishing.copies import RECORD, copy
from statuspage.web.site import Site


def tree(folder: Path) -> dict[str, bytes]:
    """All files below a folder, links followed, without records."""
    found = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    return {name: body for name, body in found.items() if not name.endswith((RECORD, "manifest.json", "snapshot.json"))}


def published(site: Site) -> dict[str, bytes]:
    pages = site.store.current.pages
    names = {path: path.lstrip("/") + ("index.html" if path.endswith("/") else "") for path in pages}
    endings = {"identity": "", "gzip": ".gz", "br": ".br"}
    return {
        names[path] + endings[encoding]: page.body(encoding)
        for path, page in pages.items()
        for encoding in page.entry.sizes
    }


def test_the_copy_holds_what_is_published_and_nothing_else(scene: Site, tmp_path: Path) -> None:
    folder = tmp_path / "origin"
    written = copy(scene.store.current, folder)
    assert tree(folder) == published(scene)
    assert written == len(tree(folder))


def test_the_second_time_only_what_changed_is_written_and_what_is_gone_is_removed(scene: Site, tmp_path: Path) -> None:
    folder = tmp_path / "origin"
    copy(scene.store.current, folder)
    assert copy(scene.store.current, folder) == 0
    pages = dict(scene.store.current.pages)
    gone = pages.pop("/en/faq/")
    assert gone.entry.sizes
    scene.publisher.libraries = [lambda snapshot: []]
    with db.transaction():
        pass
    version = scene.publisher.publish()
    copy(version, folder)
    assert tree(folder) == published(scene)


def test_a_cut_copy_is_mended_by_the_next(scene: Site, tmp_path: Path) -> None:
    folder = tmp_path / "origin"
    copy(scene.store.current, folder)
    (folder / "index.html").unlink()
    assert copy(scene.store.current, folder) == 1
    assert tree(folder) == published(scene)


def test_a_folder_of_somebody_else_is_left_alone(scene: Site, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(RuleBroken):
        copy(scene.store.current, tmp_path)
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["notes.txt"]
