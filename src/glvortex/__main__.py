"""``python3 -m glvortex`` is the ``glvortex`` command."""

from glvortex.cli import main

if __name__ == "__main__":
    main()
