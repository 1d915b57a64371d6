"""What the shell offers when a person presses Tab: what is shipped, and what is in the queue's database."""

from __future__ import annotations


def workflows(incomplete: str) -> list[str]:
    """Return the shipped templates that begin so."""
    from comfy_gen.workflows.catalogue import template_names  # noqa: PLC0415  # only when Tab is pressed

    return [name for name in template_names() if name.startswith(incomplete)]


def presets(incomplete: str) -> list[str]:
    """Return the presets that begin so."""
    from comfy_gen.workflows.template import PRESETS  # noqa: PLC0415

    return [name for name in PRESETS if name.startswith(incomplete)]


def crop_modes(incomplete: str) -> list[str]:
    """Return the crop modes that begin so."""
    return [name for name in ("center", "cover", "contain") if name.startswith(incomplete)]


def strategies(incomplete: str) -> list[str]:
    """Return the ways to retry that begin so."""
    return [name for name in ("progressive", "seed_search", "prompt_enhance") if name.startswith(incomplete)]


def states(incomplete: str) -> list[str]:
    """Return the states of jobs that begin so, and the words for several of them."""
    names = "queued preprocessing generating postprocessing completed partial failed cancelled active ended"
    return [name for name in names.split() if name.startswith(incomplete)]


def jobs(incomplete: str) -> list[tuple[str, str]]:
    """Return the newest jobs whose ids begin so, with their states and titles."""
    from comfy_gen.cli.suggestions import suggest_jobs  # noqa: PLC0415  # only when Tab is pressed

    return suggest_jobs(incomplete)


def engines(incomplete: str) -> list[tuple[str, str]]:
    """Return the engines of the fleet whose names begin so, with their addresses."""
    from comfy_gen.cli.suggestions import suggest_engines  # noqa: PLC0415

    return suggest_engines(incomplete)


def instances(incomplete: str) -> list[tuple[str, str]]:
    """Return the ComfyUIs of this machine whose names begin so, with their addresses."""
    from comfy_gen.cli.suggestions import suggest_instances  # noqa: PLC0415

    return suggest_instances(incomplete)


def scopes(incomplete: str) -> list[str]:
    """Return the scopes of keys that begin so."""
    return [name for name in ("read", "generate", "admin") if name.startswith(incomplete)]


def api_keys(incomplete: str) -> list[tuple[str, str]]:
    """Return the keys of the HTTP service whose names begin so, with their owners."""
    from comfy_gen.cli.suggestions import suggest_keys  # noqa: PLC0415

    return suggest_keys(incomplete)


def webhooks(incomplete: str) -> list[tuple[str, str]]:
    """Return the newest webhooks whose ids begin so, with how it stands with them."""
    from comfy_gen.cli.suggestions import suggest_webhooks  # noqa: PLC0415

    return suggest_webhooks(incomplete)


def categories(incomplete: str) -> list[tuple[str, str]]:
    """Return the categories whose ids begin so, with their names."""
    from comfy_gen.cli.suggestions import suggest_categories  # noqa: PLC0415

    return suggest_categories(incomplete)


def kinds(incomplete: str) -> list[str]:
    """Return the types of categories that begin so."""
    return [name for name in ("subject", "setting", "modifier", "style") if name.startswith(incomplete)]


def tiers(incomplete: str) -> list[str]:
    """Return the tiers of content that begin so."""
    return [name for name in ("general", "mature", "explicit") if name.startswith(incomplete)]


def generations(incomplete: str) -> list[tuple[str, str]]:
    """Return the newest generations whose ids begin so, with their prompts."""
    from comfy_gen.cli.suggestions import suggest_generations  # noqa: PLC0415

    return suggest_generations(incomplete)


def favorites(incomplete: str) -> list[tuple[str, str]]:
    """Return the newest favorites whose ids begin so, with what was said of them."""
    from comfy_gen.cli.suggestions import suggest_favorites  # noqa: PLC0415

    return suggest_favorites(incomplete)


def saved_presets(incomplete: str) -> list[tuple[str, str]]:
    """Return the presets that were saved and whose names begin so, with what they are for."""
    from comfy_gen.cli.suggestions import suggest_presets  # noqa: PLC0415

    return suggest_presets(incomplete)


def saved_workflows(incomplete: str) -> list[tuple[str, str]]:
    """Return the workflows that are kept and whose names begin so, with what they are."""
    from comfy_gen.cli.suggestions import suggest_workflows  # noqa: PLC0415

    return suggest_workflows(incomplete)


def all_workflows(incomplete: str) -> list[str]:
    """Return the workflows that are shipped or kept and whose names begin so."""
    return sorted({*workflows(incomplete), *(name for name, _ in saved_workflows(incomplete))})


def models(incomplete: str) -> list[tuple[str, str]]:
    """Return the models and sets that can be downloaded and whose names begin so, with what they are."""
    from comfy_gen.cli.suggestions import suggest_models  # noqa: PLC0415

    return suggest_models(incomplete)


def local_models(incomplete: str) -> list[tuple[str, str]]:
    """Return the model files of this machine that begin so, with their sizes."""
    from comfy_gen.cli.suggestions import suggest_local_models  # noqa: PLC0415

    return suggest_local_models(incomplete)


def tasks(incomplete: str) -> list[str]:
    """Return the tasks that begin so."""
    from comfy_gen.models.recommendation import TASKS  # noqa: PLC0415

    return [name for name in TASKS if name.startswith(incomplete)]


def sources(incomplete: str) -> list[str]:
    """Return the places to search for models that begin so."""
    return [name for name in ("all", "huggingface", "civitai") if name.startswith(incomplete)]
