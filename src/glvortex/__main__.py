"""``python3 -m glvortex`` is the ``glvortex`` command."""

import sys

try:
    from glvortex.cli import main
except KeyboardInterrupt:  # before anything has begun
    sys.exit(130)

if __name__ == "__main__":
    main()
