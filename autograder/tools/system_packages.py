"""Install the system packages that grading needs: bubblewrap, and Python's venv where it is separate.

Uses apt as root or through passwordless sudo; asks in one sentence otherwise. Standard library only.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys


def missing() -> list[str]:
    """Debian names of the packages that are not there."""
    packages = [] if shutil.which("bwrap") else ["bubblewrap"]
    if importlib.util.find_spec("ensurepip") is None:
        packages.append(f"python{sys.version_info.major}.{sys.version_info.minor}-venv")
    return packages


def main() -> None:
    packages = missing()
    if not packages:
        return
    wanted = " ".join(packages)
    sudo: list[str] = []
    if os.getuid() != 0:
        able = shutil.which("sudo") and subprocess.run(["sudo", "-n", "true"], capture_output=True).returncode == 0
        if not able:
            sys.exit(f"Please install {wanted} first (Debian, Ubuntu: sudo apt install {wanted}), then run this again.")
        sudo = ["sudo", "-n"]
    if not shutil.which("apt-get"):
        sys.exit(f"Please install {wanted} with your system's package manager, then run this again.")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for line in (
        ["apt-get", "update", "-qq"],
        ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages],
    ):
        print(" ".join(line), flush=True)
        if subprocess.run([*sudo, *line], env=environment, stdout=subprocess.DEVNULL).returncode:
            sys.exit(f"apt could not install {wanted}; install it by hand, then run this again.")


if __name__ == "__main__":
    main()
