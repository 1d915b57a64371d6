"""What the server is and has."""

from __future__ import annotations

from comfy_gen.comfyui.routes.route import Json, RouteGroup, segment


class ServerRoutes(RouteGroup):
    """Versions, memory, nodes, models, logs."""

    async def get_system_stats(self) -> Json:
        """Return versions, memory and devices."""
        return await self.http.json("GET", "/system_stats", kind=dict)

    async def get_features(self) -> Json:
        """Return the server's feature flags."""
        return await self.http.json("GET", "/features")

    async def free(self, *, unload_models: bool = True, free_memory: bool = True) -> None:
        """Ask the server to unload models and drop its caches; it does so between two prompts."""
        await self.http.request("POST", "/free", body={"unload_models": unload_models, "free_memory": free_memory})

    async def get_object_info(self, node: str | None = None) -> Json:
        """Return the input and output specification of every node class, or of one (``{}`` if unknown)."""
        path = "/object_info" if node is None else f"/object_info/{segment(node)}"
        return await self.http.json("GET", path, kind=dict)

    async def get_models(self, folder: str | None = None) -> list[str]:
        """Return the model folders, or the files of one; an unknown folder has none."""
        path = "/models" if folder is None else f"/models/{segment(folder)}"
        return await self.http.json_if_found(path, kind=list) or []

    async def get_model_folders(self) -> list[Json]:
        """Return the model folders with their paths on the engine's disk."""
        return await self.http.json("GET", "/experiment/models")

    async def get_model_details(self, folder: str) -> list[Json]:
        """Return the files of a model folder with size and times; an unknown folder has none."""
        return await self.http.json_if_found(f"/experiment/models/{segment(folder)}") or []

    async def get_model_preview(self, folder: str, path_index: int, filename: str) -> bytes | None:
        """Return the WebP picture that lies beside a model file, or None."""
        path = f"/experiment/models/preview/{segment(folder)}/{path_index}/{segment(filename)}"
        status, content = await self.http.request("GET", path, accept=(404,))
        return None if status == 404 else content

    async def get_model_metadata(self, folder: str, filename: str) -> Json:
        """Return the ``__metadata__`` of a safetensors file; ``{}`` where it has none."""
        path = f"/view_metadata/{segment(folder)}"
        return await self.http.json_if_found(path, params={"filename": filename}, kind=dict) or {}

    async def get_embeddings(self) -> list[str]:
        """Return the names of the textual-inversion embeddings."""
        return await self.http.json("GET", "/embeddings")

    async def get_extensions(self) -> list[str]:
        """Return the web extensions that the server serves."""
        return await self.http.json("GET", "/extensions")

    async def get_workflow_templates(self) -> Json:
        """Return the example workflows of custom nodes, by module."""
        return await self.http.json("GET", "/workflow_templates")

    async def get_translations(self) -> Json:
        """Return the translations that custom nodes bring, by language."""
        return await self.http.json("GET", "/i18n")

    async def get_global_subgraphs(self) -> Json:
        """Return the subgraphs that the server offers to all workflows (newer servers)."""
        return await self.http.json_if_found("/global_subgraphs") or {}

    async def get_global_subgraph(self, subgraph_id: str) -> Json | None:
        """Return one of them whole, or None."""
        return await self.http.json_if_found(f"/global_subgraphs/{segment(subgraph_id)}")

    async def get_node_replacements(self) -> Json:
        """Return which node classes replace which (newer servers)."""
        return await self.http.json_if_found("/node_replacements") or {}

    async def get_logs(self) -> str:
        """Return the last lines of the server's log as one text."""
        return await self.http.json("GET", "/internal/logs")

    async def get_raw_logs(self) -> Json:
        """Return the log's ``entries`` with their times, and the ``size`` of the server's terminal."""
        return await self.http.json("GET", "/internal/logs/raw")

    async def get_folder_paths(self) -> Json:
        """Return where the engine's model folders are on its disk."""
        return await self.http.json("GET", "/internal/folder_paths")

    async def get_files(self, folder: str = "output") -> list[str]:
        """Return the files in ``output``, ``input`` or ``temp``, newest first."""
        return await self.http.json("GET", f"/internal/files/{segment(folder)}")
