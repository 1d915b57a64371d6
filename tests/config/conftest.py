from __future__ import annotations

import pytest

DOCUMENTED = """\
# ComfyUI server settings
comfyui:
  host: "127.0.0.1"
  port: 8188
  protocol: "http"
  timeout: 300

# WebSocket configuration
websocket:
  enable: true
  reconnect_attempts: 5
  reconnect_delay: 2

# Workflow settings
workflow:
  validate_before_send: true
  auto_queue: true

# Output settings
output:
  download_results: true
  output_dir: "./outputs"
  save_metadata: true

# Batch processing
batch:
  max_concurrent: 3
  retry_on_failure: true
  max_retries: 3

# Logging
logging:
  level: "INFO"
  file: "./comfyui_api.log"
  console: true
"""
"""The file as it is documented, letter for letter."""


@pytest.fixture
def documented():
    return DOCUMENTED


@pytest.fixture
def config_file(tmp_path, monkeypatch):
    """Write the working folder's ``config.yaml``."""
    monkeypatch.chdir(tmp_path)

    def write(text):
        (tmp_path / "config.yaml").write_text(text, encoding="utf-8")

    return write
