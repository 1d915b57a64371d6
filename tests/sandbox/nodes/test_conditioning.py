from __future__ import annotations

from PIL import Image

from comfy_gen.sandbox.nodes import conditioning
from comfy_gen.sandbox.values import Conditioning, Latent, Model

CLIP = Model("clip")
CAT, DOG = Conditioning("cat"), Conditioning("dog")
PICTURE = (Image.new("RGB", (8, 8)),)


def test_texts_of_all_encoders_are_said_once():
    assert conditioning.encode_text(clip=CLIP, text="a cat") == (Conditioning("a cat"),)
    both = conditioning.encode_text(clip=CLIP, text_g="a cat", text_l="a cat", width=64)
    assert both == (Conditioning("a cat"),)
    assert conditioning.encode_text(clip=CLIP, clip_l="a", t5xxl="b", guidance=3.5) == (Conditioning("a b"),)


def test_lora_of_the_encoder_shows_in_the_text():
    assert conditioning.encode_text(clip=CLIP.with_lora("x:1"), text="a cat") != (Conditioning("a cat"),)


def test_edit_carries_its_pictures():
    (made,) = conditioning.encode_edit(clip=CLIP, prompt="redder", image1=PICTURE, vae=CLIP)
    assert (made.text, made.guides) == ("redder", PICTURE)


def test_conditionings_join():
    assert conditioning.combine(conditioning_1=CAT, conditioning_2=DOG) == (Conditioning("cat dog"),)
    assert conditioning.concatenate(conditioning_to=CAT, conditioning_from=DOG) == (Conditioning("cat dog"),)
    assert conditioning.empty(conditioning=CAT) == (Conditioning(""),)


def test_controlnet_guides_unless_its_strength_is_nothing():
    guided = Conditioning("cat", PICTURE)
    assert conditioning.apply_controlnet(conditioning=CAT, image=PICTURE, strength=1.0) == (guided,)
    assert conditioning.apply_controlnet(conditioning=CAT, image=PICTURE, strength=0.0) == (CAT,)
    both = conditioning.apply_controlnet_to_both(positive=CAT, negative=DOG, image=PICTURE, strength=1.0)
    assert both == (guided, Conditioning("dog", PICTURE))


def test_reference_is_a_guide():
    assert conditioning.refer(conditioning=CAT) == (CAT,)
    assert len(conditioning.refer(conditioning=CAT, latent=Latent(8, 8))[0].guides) == 1


def test_inpainting_encodes_the_picture_with_its_mask():
    mask = (Image.new("L", (8, 8)),)
    for noise_mask, expected in ((True, mask), (False, ())):
        *same, latent = conditioning.inpaint(
            positive=CAT, negative=DOG, pixels=PICTURE, mask=mask, noise_mask=noise_mask, vae=CLIP
        )
        assert (same, latent.mask) == ([CAT, DOG], expected)


def test_patches_leave_what_they_patch():
    assert conditioning.same(conditioning=CAT, guidance=3.5) == (CAT,)
    assert conditioning.patch(model=CLIP, shift=3.0) == (CLIP,)
    assert conditioning.patch_clip(clip=CLIP, stop_at_clip_layer=-2) == (CLIP,)
    assert conditioning.patch_controlnet(control_net=CLIP, type="auto") == (CLIP,)
    assert conditioning.see(clip_vision=CLIP, image=PICTURE, crop="center") == (PICTURE,)
    assert conditioning.merge(model1=Model("a"), model2=Model("b"), ratio=0.5) == (Model("a*0.5 + b"),)
