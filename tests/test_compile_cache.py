"""The cache of compiled forms after an interrupted run."""

from __future__ import annotations

import fcntl
from pathlib import Path

from glvortex.compile_cache import clear


def test_what_nobody_finishes_is_removed(tmp_path: Path) -> None:
    for name in ("half.c", "whole.c", "whole.c.cached"):
        (tmp_path / name).touch()
    clear(tmp_path)
    assert {path.name for path in tmp_path.glob("*.c*")} == {"whole.c", "whole.c.cached"}


def test_what_another_run_may_finish_is_kept(tmp_path: Path) -> None:
    (tmp_path / "half.c").touch()
    with (tmp_path / "glvortex.lock").open("w") as other:
        fcntl.flock(other, fcntl.LOCK_SH)
        clear(tmp_path)
        assert (tmp_path / "half.c").exists()


def test_a_cache_that_cannot_be_made_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    clear(tmp_path / "file" / "cache")
