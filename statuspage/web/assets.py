"""Static files under names that contain their content's hash, so that they can be cached for ever."""

import hashlib
from pathlib import Path

from statuspage.settings import data_dir


class Assets:
    """The files below static/, by their name there."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or data_dir() / "static"
        self.names = {name: self._hashed(name) for name in self._found()}

    def url(self, name: str) -> str:
        """The address of an asset: `site.css` → `/static/site.3f2a….css`."""
        return f"/static/{self.names[name]}"

    def _found(self) -> list[str]:
        return sorted(str(path.relative_to(self.folder)) for path in self.folder.rglob("*") if path.is_file())

    def _hashed(self, name: str) -> str:
        digest = hashlib.sha256((self.folder / name).read_bytes()).hexdigest()[:10]
        stem, dot, ending = name.rpartition(".")
        return f"{stem}.{digest}.{ending}" if dot else f"{name}.{digest}"
