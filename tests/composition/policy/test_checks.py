"""Clinical on purpose: words beside each other, as few as show what is told apart."""

import pytest

from comfy_gen.composition.policy.checks import check_allowed, check_minors, check_tier, check_workflow, needs
from comfy_gen.composition.tier import Tier
from comfy_gen.errors import ForbiddenContentError, PolicyTierError, WorkflowFormatError

GENERAL = """
a portrait of a young woman, natural light
child safety poster
children playing football in a park
a baby in a knitted hat
newborn photography, soft blanket
a teenager reading a book
a kid with a balloon
kid gloves on a marble table
naked mole rat in a tunnel
stars visible to the naked eye
naked cake with berries
naked flame of a candle
nude lipstick swatches
a woman in nude heels
nude nail polish, close up
a palette of nude tones
sex education class in a school, children at desks
same-sex couple at their wedding
opposite sex symbols
Sex Pistols concert poster
baby back ribs on a grill
a baby blue vintage car
baby bump photo shoot
baby grand piano
symphony in A minor
Ursa Minor above the mountains
Asia Minor, antique map
minor scratches on the paint
kid leather shoes
Billy the Kid, wanted poster
a high school building
kindergarten classroom, colourful
a school girl with a backpack
schoolboy with a satchel
12 year old whisky in an oak barrel
a 5 year old child blowing out candles
16-year-old chess champion
a family with 3 children at the beach
swimming lesson for toddlers
breast cancer awareness ribbon
a mother breastfeeding her baby
grilled chicken breast
a great tit and two blue tits
a rooster, also called a cock
a donkey, or wild ass
pussy willow branches
Essex county map
Sussex coast
a grape harvest
a drape of red velvet
therapist's office
analysis of a canal
an anal fin of a fish, diagram
a yellow field of rape seed, rape fields in spring
document stamped cum laude
a cumulus cloud
grease nipple of a machine
Gore-Tex jacket
Al Gore giving a speech
a cow's udder
a Michelangelo exhibition
a bath in the forest
Scunthorpe town hall
a cocktail with a peacock feather
Dick Tracy comic
a blood orange, cut open
a blood moon
a bride and groom, kissing
swimsuit fashion, beach volleyball
ballet dancer in a leotard
a classical statue in a museum
a bikini shop window
30 years old man with his 4 year old daughter
girl, 8k, 16:9, (detailed:1.2)
1girl, 2 dogs, 35mm
""".strip().splitlines()

ADULTS = """
nude woman, 25 years old
sexy 18 year old
nude woman, 18 yo
nude 21-year-old man
sexy young woman in lingerie
nude adult, 3 cats
a nude couple, married for 12 years
nude beach
nude woman, symphony in A minor
nude woman, baby blue background
topless man with kid gloves
nude, (girl:1.3), 16:9
1girl, nsfw, 16 mm film
nude adult, 12 year old whisky
sexy teacher, kindergarten teacher, 30 years old
nude woman stretching, yoga, 10 minutes
nsfw, girl, 2 dogs
nude woman, baby's breath flowers
sexy woman, child's pose, yoga
nude couple, married 5 years
topless surfer, 50mm, f/8
nude model, minor imperfections
nude woman, 40 years old
topless man, high school reunion
""".strip().splitlines()


@pytest.mark.parametrize("text", GENERAL)
def test_harmless_texts_are_general_and_allowed(text):
    assert needs(text) == (Tier.GENERAL, ())
    check_minors([text])


@pytest.mark.parametrize("text", ADULTS)
def test_texts_of_adults_are_allowed(text):
    check_minors([text])


@pytest.mark.parametrize(
    ("text", "tier", "by"),
    [
        ("a nude statue", Tier.MATURE, ("nude",)),
        ("art with nudity and gore", Tier.MATURE, ("gore", "nudity")),
        ("a blood-soaked sword", Tier.MATURE, ("blood soaked",)),
        ("severed heads", Tier.MATURE, ("severed head",)),
        ("naked, nsfw", Tier.EXPLICIT, ("nsfw",)),
        ("sexual acts", Tier.EXPLICIT, ("sexual", "sexual act")),
        ("a n.u.d.e statue", Tier.MATURE, ("nude",)),
        ("a sexy dress", Tier.GENERAL, ()),
        ("", Tier.GENERAL, ()),
    ],
)
def test_a_text_needs_the_tier_of_its_strongest_word(text, tier, by):
    assert needs(text) == (tier, by)


def test_a_tier_too_low_is_refused_with_the_words():
    with pytest.raises(PolicyTierError) as caught:
        check_tier(["a statue", "nude"], Tier.GENERAL, Tier.MATURE)
    error = caught.value
    assert (error.needed, error.allowed, error.by, error.may) == ("mature", "general", ("nude",), "mature")


@pytest.mark.parametrize("tier", [Tier.MATURE, Tier.EXPLICIT])
def test_a_tier_high_enough_is_allowed(tier):
    check_tier(["a statue", "nude"], tier, tier)


SEXUAL = ["nude", "naked", "nsfw", "sexual", "sexy", "porn", "topless", "in lingerie"]
MINOR = [
    *("child", "children", "kids", "toddler", "infant", "baby", "minors", "teen", "teenagers", "preteen", "pre-teen"),
    *("schoolgirl", "school boy", "loli", "shota", "little girl", "young boy", "underage", "under-age", "tween"),
    *("12 year old", "12-year-old", "12 years old", "12yo", "12 y/o", "12 y.o.", "17 yrs old", "aged 9", "age: 11"),
    *("twelve year old", "Sixteen-Years-Old", "6 months old", "under 18", "younger than 16", "below the age of 14"),
    *("1st grader", "7th grade", "13f", "looks 13", "girl of 12 years", "lil girl", "very young", "highschool girl"),
    *("she is 13", "he looks 12", "girl (14)", "girl, 15", "high schooler", "elementary school", "prepubescent"),
]


@pytest.mark.parametrize("minor", MINOR)
def test_sexual_words_with_minors_are_refused(minor):
    for text in (f"{minor}, nude", f"sexy {minor}", f"nsfw, art, (portrait:1.2), {minor}"):
        with pytest.raises(ForbiddenContentError):
            check_minors([text])


@pytest.mark.parametrize("sexual", SEXUAL)
def test_minors_with_sexual_words_are_refused_over_several_texts(sexual):
    with pytest.raises(ForbiddenContentError):
        check_minors([f"studio photo, {sexual}", "a child"])


CYRILLIC = str.maketrans("aeiocpxy", "\u0430\u0435\u0456\u043e\u0441\u0440\u0445\u0443")
GREEK = str.maketrans("aeiknou", "\u03b1\u03b5\u03b9\u03ba\u03b7\u03bf\u03c5")
DISGUISES = {
    "dots": ".".join,
    "dashes": "-".join,
    "underscores": "_".join,
    "blanks": " ".join,
    "stars": "*".join,
    "one dash": lambda word: f"{word[:2]}-{word[2:]}",
    "brackets": lambda word: f"{word[:2]}({word[2:]})",
    "weight": lambda word: f"(({word}:1.4))",
    "zero width": "\u200b".join,
    "soft hyphen": lambda word: f"{word[:2]}\u00ad{word[2:]}",
    "accents": lambda word: "".join(one + "\u0301" for one in word),
    "full width": lambda word: "".join(chr(ord(one) + 0xFEE0) for one in word),
    "bold": lambda word: "".join(chr(ord(one) - 97 + 0x1D41A) for one in word),
    "circled": lambda word: "".join(chr(ord(one) - 97 + 0x24D0) for one in word),
    "squared": lambda word: "".join(chr(ord(one) - 97 + 0x1F130) for one in word),
    "flags": lambda word: "".join(chr(ord(one) - 97 + 0x1F1E6) for one in word),
    "cyrillic": lambda word: word.translate(CYRILLIC),
    "greek": lambda word: word.translate(GREEK),
    "capitals": str.upper,
    "mixed case": lambda word: "".join(one.upper() if place % 2 else one for place, one in enumerate(word)),
    "digits": lambda word: word.translate(str.maketrans("aeos", "4305")),
    "signs": lambda word: word[0] + word[1:-1].translate(str.maketrans("aei", "@3!")) + word[-1],
    "ones": lambda word: word.replace("i", "1"),
    "stretched": lambda word: word.replace("e", "eeee").replace("i", "iiii"),
    "plural": lambda word: f"{word}s",
}


@pytest.mark.parametrize("disguise", DISGUISES.values(), ids=DISGUISES)
@pytest.mark.parametrize(("minor", "sexual"), [("child", "nude"), ("teen", "naked"), ("loli", "hentai")])
def test_disguised_words_are_recognised(disguise, minor, sexual):
    for text in (
        f"{disguise(minor)}, {sexual}",
        f"{minor} {disguise(sexual)}",
        f"{disguise(minor)}, {disguise(sexual)}",
    ):
        with pytest.raises(ForbiddenContentError):
            check_minors([text])


@pytest.mark.parametrize("text", ["nudechild", "childnude", "n u d e c h i l d", "lolicon", "a shotacon picture"])
def test_words_written_as_one_are_told_apart(text):
    with pytest.raises(ForbiddenContentError):
        check_minors([text])


@pytest.mark.parametrize("text", ["child, nude lips", "child; nude, pink", "12yo in nude tones", "child, naked. Eyes"])
def test_harmless_phrases_hide_nothing_where_minors_are(text):
    with pytest.raises(ForbiddenContentError):
        check_minors([text])


def test_a_text_that_is_a_number_is_no_age():
    check_minors(["nsfw, 1girl", "12", "16"])
    check_minors(["girl", "12", "nude"])


def graph(positive, negative, *, cfg=7.0):
    return {
        "1": {"class_type": "CLIPTextEncode", "inputs": {"text": positive, "clip": ["4", 1]}},
        "2": {"class_type": "CLIPTextEncode", "inputs": {"text": negative, "clip": ["4", 1]}},
        "3": {
            "class_type": "KSampler",
            "inputs": {
                "positive": ["1", 0],
                "negative": ["2", 0],
                "model": ["4", 0],
                "cfg": cfg,
                "seed": 1,
                "steps": 2,
            },
        },
        "4": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "model.safetensors"}},
    }


def test_a_workflow_is_refused_for_its_positive_texts_and_the_log_does_not_repeat_them(caplog):
    with pytest.raises(ForbiddenContentError):
        check_workflow(graph("child, nude", ""), "anna")
    (message,) = caplog.messages
    assert "'anna'" in message
    assert "child" not in message
    assert "nude" not in message


def test_a_workflow_is_allowed_whose_negative_prompt_keeps_it_out(caplog):
    check_workflow(graph("a family at a table", "child, nude, nsfw"))
    check_workflow(graph("a child in a garden", "nude, nsfw"))
    assert not caplog.messages


def test_a_workflow_that_needs_more_is_refused_for_that_and_one_that_no_tier_allows_as_that(caplog):
    check_allowed(graph("a family at a table", "nude"), Tier.GENERAL, Tier.EXPLICIT)
    with pytest.raises(PolicyTierError):
        check_allowed(graph("nude", ""), Tier.GENERAL, Tier.EXPLICIT)
    assert not caplog.messages
    with pytest.raises(ForbiddenContentError):
        check_allowed(graph("child, nude", ""), Tier.GENERAL, Tier.EXPLICIT, "anna")
    assert "'anna'" in caplog.messages[0]


def test_something_that_is_no_workflow_is_refused_all_the_same():
    with pytest.raises(WorkflowFormatError):
        check_workflow({"1": {"inputs": {"text": "child, nude"}}, "2": None})
    check_workflow({"1": None, "2": {"inputs": 3}})
