"""Which request each method of the newer routes sends, noted by a server that answers anything."""

from __future__ import annotations

import json

import pytest
from aiohttp import web

from comfy_gen.comfyui import AsyncComfyUIClient

CALLS = [
    ("has_asset", ["blake3:ab"], {}, "HEAD /api/assets/hash/blake3:ab", None),
    ("list_assets", [], {"limit": "5"}, "GET /api/assets?limit=5", None),
    ("get_asset", ["a/b"], {}, "GET /api/assets/a%2Fb", None),
    ("get_asset_content", ["x"], {}, "GET /api/assets/x/content", None),
    (
        "create_asset_from_hash",
        ["blake3:ab", "a.png"],
        {"tags": ("input",)},
        "POST /api/assets/from-hash",
        {"hash": "blake3:ab", "name": "a.png", "tags": ["input"]},
    ),
    ("update_asset", ["x"], {"name": "b.png"}, "PUT /api/assets/x", {"name": "b.png"}),
    ("delete_asset", ["x"], {}, "DELETE /api/assets/x", None),
    ("add_asset_tags", ["x", ["red"]], {}, "POST /api/assets/x/tags", {"tags": ["red"]}),
    ("remove_asset_tags", ["x", ["red"]], {}, "DELETE /api/assets/x/tags", {"tags": ["red"]}),
    ("list_tags", [], {"prefix": "r"}, "GET /api/tags?prefix=r", None),
    ("refine_tags", [], {}, "GET /api/assets/tags/refine", None),
    ("seed_assets", [], {}, "POST /api/assets/seed", {}),
    ("cancel_asset_seed", [], {}, "POST /api/assets/seed/cancel", {}),
    ("get_asset_seed_status", [], {}, "GET /api/assets/seed/status", None),
    ("prune_assets", [], {}, "POST /api/assets/prune", {}),
    ("download_asset", [], {"url": "https://x/a"}, "POST /api/assets/download", {"url": "https://x/a"}),
    ("get_task", ["t"], {}, "GET /api/tasks/t", None),
    ("cancel_task", ["t"], {}, "DELETE /api/tasks/t", None),
    ("get_jobs", [], {"status": "pending"}, "GET /api/jobs?status=pending", None),
    ("get_job", ["j"], {}, "GET /api/jobs/j", None),
    ("cancel_job", ["j"], {}, "POST /api/jobs/j/cancel", None),
    ("get_users", [], {}, "GET /users", None),
    ("create_user", ["ada"], {}, "POST /users", {"username": "ada"}),
    ("browse_userdata", ["workflows"], {}, "GET /v2/userdata?path=workflows", None),
    ("move_userdata", ["a b", "c/d"], {}, "POST /userdata/a%20b/move/c%2Fd?overwrite=false", None),
    ("get_model_folders", [], {}, "GET /experiment/models", None),
    ("get_model_details", ["loras"], {}, "GET /experiment/models/loras", None),
    ("get_model_preview", ["loras", 0, "a.png"], {}, "GET /experiment/models/preview/loras/0/a.png", None),
    ("get_model_metadata", ["loras", "a"], {}, "GET /view_metadata/loras?filename=a", None),
    ("get_workflow_templates", [], {}, "GET /workflow_templates", None),
    ("get_translations", [], {}, "GET /i18n", None),
    ("get_global_subgraphs", [], {}, "GET /global_subgraphs", None),
    ("get_global_subgraph", ["s"], {}, "GET /global_subgraphs/s", None),
    ("get_node_replacements", [], {}, "GET /node_replacements", None),
    ("get_logs", [], {}, "GET /internal/logs", None),
    ("get_raw_logs", [], {}, "GET /internal/logs/raw", None),
    ("get_folder_paths", [], {}, "GET /internal/folder_paths", None),
    ("get_files", ["input"], {}, "GET /internal/files/input", None),
]


@pytest.fixture
async def server():
    """A server that answers anything with the same, and what it was asked."""
    asked = []

    async def note(request):
        body = await request.read()
        asked.append((f"{request.method} {request.raw_path}", body, request.content_type))
        return web.json_response({"cancelled": True})

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", note)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}", asked
    await runner.cleanup()


@pytest.mark.parametrize(("name", "args", "kwargs", "line", "body"), CALLS, ids=[call[0] for call in CALLS])
async def test_method_sends_its_request(server, name, args, kwargs, line, body):
    url, asked = server
    async with AsyncComfyUIClient(url=url) as client:
        await getattr(client, name)(*args, **kwargs)
    ((said, content, _),) = asked
    assert said == line
    assert (json.loads(content) if content else None) == body


async def test_asset_is_uploaded_with_its_name_and_tags(server):
    url, asked = server
    async with AsyncComfyUIClient(url=url) as client:
        await client.upload_asset(b"pixels", "a.png", ["input"])
    ((line, content, kind),) = asked
    assert (line, kind) == ("POST /api/assets", "multipart/form-data")
    assert all(part in content for part in (b"pixels", b'filename="a.png"', b'["input"]'))


async def test_prefix_of_a_proxy_is_kept(server):
    url, asked = server
    async with AsyncComfyUIClient(url=f"{url}/comfy/") as client:
        await client.get_users()
    assert asked[0][0] == "GET /comfy/users"
