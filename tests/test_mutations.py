"""Problem files and the files they name, damaged at random: one sentence each, or a problem."""

import random
import re
import shutil
import signal
import tomllib
from contextlib import contextmanager
from pathlib import Path

import pytest
from mpi4py import MPI

from glvortex.errors import ParameterError
from glvortex.geometry.mesh import make_mesh
from glvortex.geometry.mesh_files import read_mesh, write_mesh
from glvortex.problems.schema import load
from glvortex.problems.setup import setup_from

ROOT = Path(__file__).parent.parent
PROBLEMS = sorted((ROOT / "problems").glob("*.toml"))
NAMING = [problem for problem in PROBLEMS if '"../meshes/' in problem.read_text()]
VALUES = (
    '""', '"nm"', '"1 parsec"', '"-3 nm"', '"1e400 T"', "0", "-1", "1", "3.7", "-2.5", "1e-300",
    "1e300", "inf", "nan", "true", "[]", "[1]", "[1, 2]", "[[1, 2], [3]]",
    "[[0, 0], [1, 0], [0, 1]]",
    "{}", "{a = 1}", "2001-01-01", '"\\u0000"', '"../nothing.csv"', '"disk"', '"cell"', '"mesh"',
    '"file"', "99999999999999999999", "1_000", "[1, [2, [3]]]", '["london", 3]', "07", "'''",
)  # fmt: skip
SECONDS = 20  # more than any of them may take
FEW_CELLS = 10_000


@contextmanager
def at_most(seconds):
    """Fail what hangs, from outside: an exception that nothing catches as a mistake of the user."""

    def stop(*_):
        raise AssertionError(f"it hangs: {seconds} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def mutated_text(text, chance):
    """The text of a problem file after one to three accidents."""
    lines = text.splitlines()
    for _ in range(chance.randint(1, 3)):
        keys = [i for i, line in enumerate(lines) if re.match(r"\s*\w+\s*=", line)] or [0]
        at, other = chance.choice(keys), chance.randrange(len(lines))
        key, _, value = lines[at].partition("=")
        accident = chance.randrange(9)
        if accident <= 2:
            lines[at] = f"{key}= {chance.choice(VALUES)}"
        elif accident == 3:
            lines[at] = f"{misspelt(key, chance)}={value}"
        elif accident == 4:
            del lines[at]
        elif accident == 5:
            lines.insert(other, lines[at])
        elif accident == 6:
            lines[at], lines[other] = lines[other], lines[at]
        elif accident == 7:
            lines[at] = re.sub(r"\d", lambda _: str(chance.randrange(10)), lines[at])
        else:
            lines[at] = (
                lines[at].replace('"', "", 1) if '"' in value else f'{key}= "{value.strip()}"'
            )
        lines = lines or [""]
    return "\n".join(lines)


def misspelt(word, chance):
    """A word with one letter wrong."""
    at = chance.randrange(max(len(word) - 1, 1))
    return word[:at] + chance.choice("abcxyz_") + word[at + 1 :]


def mutated_bytes(data, chance):
    """A file after an accident on the disk."""
    accident, at = chance.randrange(4), chance.randrange(len(data))
    if accident == 0:
        return data[:at]
    if accident == 1:
        return data[:at] + bytes(chance.randrange(256) for _ in range(8)) + data[at + 8 :]
    if accident == 2:
        return data[:at] + data[at + chance.randint(1, 40) :]
    place = re.search(rb"\d", data[at:])  # another number
    digit = at + place.start() if place else at
    return data[:digit] + str(chance.randrange(10)).encode() + data[digit + 1 :]


def named_files(problem, text):
    """The files that a problem names."""

    def walk(value):
        if isinstance(value, dict):
            for item in value.values():
                if isinstance(item, str) and (problem.parent / item).is_file() and item:
                    yield problem.parent / item
                yield from walk(item)
        if isinstance(value, list):
            for item in value:
                yield from walk(item)

    return list(walk(tomllib.loads(text)))


def with_another_mesh(text, meshes, chance):
    """The problem of the imported mesh with its script, or with a mesh in one of two formats."""
    if "device.geo" not in text or chance.random() < 0.3:
        return text
    format = chance.choice(["vtu", "msh"])
    if format == "msh":
        write_mesh(meshes / "device.msh", read_mesh(meshes / "device.vtu"))
    names = ("host", "core", "edge", "slot", "wedge")
    for number, name in enumerate(names, start=1):
        text = text.replace(f'["{name}"]', f"[{number}]")
    return text.replace("device.geo", f"device.{format}")


def read(path):
    """Read a problem as far as its mesh where that is small; return the sentence of a mistake."""
    try:
        setup = setup_from(load(path))
        size = min(vars(setup.sizes).values())
        if 2.3 * setup.sample.area / size / size < FEW_CELLS:
            make_mesh(MPI.COMM_SELF, setup.sample, setup.inclusions, setup.sizes, setup.regions)
    except ParameterError as error:
        return str(error)
    return None


def check_sentence(sentence, folder):
    assert "\n" not in sentence, sentence
    assert sentence.endswith("."), sentence
    assert str(folder) in sentence, sentence  # it says which file
    assert not re.search(r"Traceback|Error\b|Exception|<class|\[type=", sentence), sentence


@pytest.mark.parametrize("batch", range(10))
def test_a_damaged_problem_gives_one_sentence(tmp_path, batch):
    refused = 0
    for seed in range(batch * 20, batch * 20 + 20):
        chance = random.Random(seed)
        original = chance.choice(NAMING if seed % 2 else PROBLEMS)
        folder = tmp_path / str(seed)
        shutil.copytree(ROOT / "meshes", folder / "meshes")
        problem = folder / "problems" / original.name
        problem.parent.mkdir()
        text = with_another_mesh(original.read_text(), folder / "meshes", chance)
        named = named_files(problem, text)
        if named and chance.random() < 0.7:
            problem.write_text(text)
            victim = folder / "meshes" / chance.choice(named).name
            victim.write_bytes(mutated_bytes(victim.read_bytes(), chance))
        else:
            problem.write_text(mutated_text(text, chance))
        with at_most(SECONDS):
            sentence = read(problem)
        if sentence is not None:
            check_sentence(sentence, folder)
            refused += 1
    assert refused > 10  # most accidents leave no problem
