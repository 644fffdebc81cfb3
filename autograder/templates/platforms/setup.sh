#!/usr/bin/env bash
# Runs once, as root, when Gradescope builds the image.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive
cd /autograder/source
apt-get update -qq
apt-get install -y -qq --no-install-recommends python3 python3-venv bubblewrap

# Outside /autograder, which is closed to the user that runs student code.
python3 -m venv /opt/letters-to-gpt
pinned=()
torch=torch
if python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
  pinned=(-c constraints.txt)
  torch=$(grep '^torch==' constraints.txt)
fi
/opt/letters-to-gpt/bin/pip install -q "$torch" --index-url https://download.pytorch.org/whl/cpu
/opt/letters-to-gpt/bin/pip install -q ${pinned[@]+"${pinned[@]}"} '.[grading]'
rm -rf build ./*.egg-info
chmod -R go-rwx /autograder/source
