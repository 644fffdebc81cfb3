"""Install the course into the Python that runs this, with pinned versions and, without a GPU, a CPU build of torch.

torch comes first: the exact version from the constraints, preferably a build that brings no CUDA packages along.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
CPU_INDEX = "https://download.pytorch.org/whl/cpu"


def pip(*arguments: str, attempt: bool = False) -> bool:
    """Run pip; whether it succeeded. Its progress is shown; of an attempt that others follow, no complaint."""
    line = [sys.executable, "-m", "pip", "--disable-pip-version-check", *arguments]
    return subprocess.run(line, cwd=ROOT, stderr=subprocess.DEVNULL if attempt else None).returncode == 0


def torch_version() -> str:
    found = re.search(r"^torch==(\S+)$", (ROOT / "constraints.txt").read_text(), re.MULTILINE)
    if not found:
        sys.exit("constraints.txt pins no version of torch")
    return found[1]


def install_torch() -> None:
    """The pinned torch. On a machine without an NVIDIA driver only a build without CUDA packages is accepted."""
    wanted = f"torch=={torch_version()}"
    if shutil.which("nvidia-smi"):
        if not pip("install", wanted):
            sys.exit(f"pip could not install {wanted}")
        return
    # Two places hold CPU builds: a folder of wheels that pip was told about (PIP_FIND_LINKS), and PyTorch's own index.
    local = f"{wanted}+cpu"
    attempts = (
        ["install", "--retries", "0", local],
        ["install", "--retries", "0", "--timeout", "20", "--index-url", CPU_INDEX, wanted],
    )
    for attempt in attempts:
        if pip(*attempt, attempt=True):
            return
    sys.exit(
        f"No CPU build of {wanted} could be reached. Install one by hand, then run make again: "
        f"pip install {wanted} --index-url {CPU_INDEX}"
    )


def main() -> None:
    install_torch()
    if not pip("install", "-c", "constraints.txt", "-e", ".[dev]"):
        sys.exit("pip could not install the course; see its words above")


if __name__ == "__main__":
    main()
