"""Users, settings and the files that ComfyUI's editor keeps."""

from __future__ import annotations

import json
from typing import Any

from comfy_gen.comfyui.routes.route import Json, RouteGroup, segment


class UserdataRoutes(RouteGroup):
    """The editor's side of the server; ``--multi-user`` servers tell users apart by the header ``comfy-user``."""

    async def get_users(self) -> Json:
        """Return where user data is kept, and the users of a multi-user server."""
        return await self.http.json("GET", "/users")

    async def create_user(self, username: str) -> str:
        """Create a user on a multi-user server and return the id."""
        return await self.http.json("POST", "/users", body={"username": username})

    async def get_settings(self) -> Json:
        """Return all settings of the editor."""
        return await self.http.json("GET", "/settings")

    async def get_setting(self, setting_id: str) -> Any:
        """Return one setting; None where it is not set."""
        return await self.http.json("GET", f"/settings/{segment(setting_id)}")

    async def set_settings(self, settings: Json) -> None:
        """Set several settings; the others stay."""
        await self.http.request("POST", "/settings", body=settings)

    async def set_setting(self, setting_id: str, value: object) -> None:
        """Set one setting."""
        await self.http.request(
            "POST",
            f"/settings/{segment(setting_id)}",
            data=json.dumps(value),
            headers={"Content-Type": "application/json"},
        )

    async def list_userdata(self, directory: str, *, recurse: bool = False, full_info: bool = False) -> list[Any]:
        """Return the files in a folder, as names or with ``full_info`` as objects; an unknown folder has none."""
        flags = {"recurse": recurse, "full_info": full_info}
        params = {"dir": directory, **{name: "true" for name, wanted in flags.items() if wanted}}
        return await self.http.json_if_found("/userdata", params=params) or []

    async def browse_userdata(self, path: str = "") -> list[Json]:
        """Return files and folders below a path, as the newer ``/v2/userdata`` tells them."""
        return await self.http.json_if_found("/v2/userdata", params={"path": path}) or []

    async def get_userdata(self, file: str) -> bytes | None:
        """Return a file, such as ``workflows/mine.json``, or None."""
        status, content = await self.http.request("GET", f"/userdata/{segment(file)}", accept=(404,))
        return None if status == 404 else content

    async def store_userdata(self, file: str, content: bytes, *, overwrite: bool = True) -> Any:
        """Store a file and return what the server says of it; a taken name answers 409 unless ``overwrite``."""
        params = {"overwrite": "true" if overwrite else "false"}
        return await self.http.json("POST", f"/userdata/{segment(file)}", params=params, data=content)

    async def delete_userdata(self, file: str) -> None:
        """Delete a file."""
        await self.http.request("DELETE", f"/userdata/{segment(file)}")

    async def move_userdata(self, file: str, destination: str, *, overwrite: bool = False) -> Any:
        """Move a file within the user's folder."""
        path = f"/userdata/{segment(file)}/move/{segment(destination)}"
        return await self.http.json("POST", path, params={"overwrite": "true" if overwrite else "false"})
