"""What the documentation of intelligent generation says, as hashes, and where our page says otherwise."""

from __future__ import annotations

from comfy_gen import __version__

DOCUMENTED = {
    "Start 0": "c409835015f1c12a",
    "Compose 0": "8875963f043688f0",
    "Compose 1": "fa34726ff76fd893",
    "Compose 2": "cf72c561ff945ede",
    "Preview 0": "77555a91344b1c26",
    "Preview 1": "d907176d42ce5454",
    "Categories 0": "c15e18e02cfd9dd2",
    "Categories 1": "3be68c0e5c53dd52",
    "Favorites 0": "50447ea0de2287c8",
    "Favorites 1": "91b5b2aa7b058879",
    "Favorites 2": "e1ec28a7f57895dd",
    "Favorites 3": "1400e20a6a20df3c",
    "Favorites 4": "faad7a176b67adf5",
    "Favorites 5": "b93b6b7812d8c6b4",
    "Favorites 6": "2c8e8168c07dd299",
    "Generate 0": "093e2a4018903e4a",
    "Generate 1": "482e4687ead0d43f",
    "Generate 2": "1490f54bc6a765d2",
    "Health 0": "2edd6b4bf0798952",
}
"""The beginning of each text's SHA-256 as it is documented: what the page calls letter for letter is that.

Of the second one the names of the checkpoint and the workflow were replaced before: the documented ones are not for
everybody's eyes.
"""
DOCUMENTED_TABLES = ["62aadcdfc46e0221", "396d8fe30faa3a22", "5cd7d2557b38d213", "28af7aef98142c9a"]

MENDED = {
    "Compose 1": {
        "professional headshot natural lighting, detailed face, sharp focus on eyes, open air setting, professional "
        "lighting, natural skin texture, spacious depth behind the subject, balanced exposure, catchlights in the "
        "eyes, environment in keeping with the place, well-shaped light and shadow, expressive gaze, clean "
        "highlights, finely rendered hair": (
            "professional headshot, natural lighting, detailed face, sharp focus on eyes"
        ),
        "blurry, distorted face, artificial looking backdrop, flat lighting, bad anatomy, cutout edges, blown-out "
        "highlights, extra fingers, pasted background, uneven exposure, crossed eyes, waxy skin": (
            "blurry, distorted face, extra limbs, bad anatomy"
        ),
        "add-detail-xl.safetensors": "add_detail.safetensors",
        '"width": 896': '"width": 768',
        '"height": 1152': '"height": 1024',
        '["portrait", "outdoor", "lighting"]': '["portrait", "outdoor"]',
        "portrait (subject), outdoor (setting) and lighting (modifier)": "portrait (subject) and outdoor (setting)",
        "Merged 6 positive": "Merged 2 positive",
    },
    "Preview 1": {
        '"tags_found": []': '"tags_found": ["portrait"]',
        '    {"id": "sunset", "confidence": 0.98, "type": "modifier"},\n'
        '    {"id": "portrait", "confidence": 0.95, "type": "subject"},\n'
        '    {"id": "city", "confidence": 0.95, "type": "setting"}\n': (
            '    {"id": "city", "confidence": 0.72, "type": "setting"},\n'
            '    {"id": "sunset", "confidence": 0.85, "type": "modifier"}\n'
        ),
    },
    "Health 0": {f'"version": "{__version__}"': '"version": "1.0.0"'},
}
"""What is written here, and what the document says there."""
