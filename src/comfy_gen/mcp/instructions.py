"""What an agent is told of the server as a whole."""

from __future__ import annotations

INSTRUCTIONS = """ComfyGen makes pictures and videos with ComfyUI. Every request becomes a job that is safe once its
id is known: it survives time-outs, lost connections and restarts of this server.

How to work with it:
- generate_image paints a prompt. compose first turns plain words and @categories into a good recipe, and says why.
- No call takes longer than 45 seconds. An answer whose status is pending or running has a prompt_id and a `next`: call
  that tool with those arguments, as often as it takes. Never ask for the same picture again because it takes long.
- prompt_id, job_id and generation_id are the same id. Keep it: it leads to the picture, its recipe and its variations.
- Before a request with models or workflows of your own choice, call list_models, list_workflows or validate_workflow.
- A finished answer has the picture itself (made smaller), its url (good for a day) and comfygen://artifacts/{id} (good
  as long as the job is kept). Look at the picture before you call the work done.
- Pictures to start from: upload_image, or the id of an earlier job.
- Errors read `error[code]: what is wrong. Hint: what to do.` Follow the hint; the same call again fails the same way,
  but for codes such as service_unreachable, timeout, rate_limit and queue_full."""
