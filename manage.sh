#!/bin/sh
# The documented way to run a ComfyUI of this machine. Each action is one call of `comfygen`, which can do more.
set -eu

usage() {
	cat <<-'TEXT'
		Usage: ./manage.sh --action ACTION [OPTIONS]

		  status                the process, its API, queue, devices, models and disk
		  start, stop, restart  in the background; they wait until it answers, or has ended
		  logs                  the last lines of its log
		  gpu-info              the graphics cards, and the memory that is free
		  download-models       SDXL base and its VAE, or those that --model names
		  list-models           what lies in ComfyUI's folder of models
		  import-workflow       check the nodes and models of --workflow, and keep it
		  execute-workflow      run --workflow, and save what it makes in --output

		  --workflow FILE       a workflow in API or UI format, or the name of a template
		  --output FOLDER       where pictures are saved (default: outputs)
		  --model NAME          a model or a set; repeatable
		  --yes                 ask nothing: fetch what is missing

		Whatever follows -- is handed on: ./manage.sh --action start -- --cpu --port 8189
		COMFYUI_DIR names the folder of ComfyUI. Exit codes: 0 done, 1 it failed, 2 it cannot be done like this.
	TEXT
}

fail() {
	echo "manage.sh: $1 (./manage.sh --help)" >&2
	exit 2
}

# The command: the one named, that of this checkout, or the one that is installed.
run() {
	here=$(dirname "$(readlink -f "$0")")
	if [ -n "${COMFYGEN:-}" ]; then
		"$COMFYGEN" "$@"
	elif [ -x "$here/.venv/bin/comfygen" ]; then
		"$here/.venv/bin/comfygen" "$@"
	elif command -v comfygen >/dev/null; then
		comfygen "$@"
	else
		fail "comfygen is not installed: pip install $here"
	fi
}

line_end='
'
action="" workflow="" output="" models="" yes=""
while [ $# -gt 0 ]; do
	case $1 in
	-h | --help) usage && exit ;;
	--yes | -y) yes=--yes ;;
	--) shift && break ;;
	--action | --workflow | --output | --model)
		[ $# -gt 1 ] || fail "$1 needs a value"
		case $1 in
		--action) action=$2 ;;
		--workflow) workflow=$2 ;;
		--output) output=$2 ;;
		--model) models=$models$2$line_end ;;
		esac
		shift
		;;
	*) fail "$1 is no option" ;;
	esac
	shift
done

case $action in
import-workflow | execute-workflow) [ -n "$workflow" ] || fail "--action $action needs --workflow FILE" ;;
esac

set -f
IFS=$line_end # a model's name may have spaces and stars
# shellcheck disable=SC2086  # several models, and perhaps no --yes
case $action in
status | start | stop | restart | logs | gpu-info) run service "$action" "$@" ;;
download-models) run models download $models $yes "$@" ;;
list-models) run models list --local "$@" ;;
import-workflow) run workflow import "$workflow" ${yes:+--download} "$@" ;;
execute-workflow)
	if [ -n "$output" ]; then
		mkdir -p "$output"
		set -- --output "$output" "$@"
	fi
	run workflow run "$workflow" "$@"
	;;
"") usage >&2 && exit 2 ;;
*) fail "there is no action $action" ;;
esac
