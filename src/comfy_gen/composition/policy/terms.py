"""The words by which `policy` tells what a text is about: English, in lower case and the singular.

Kept to what is clear by itself. A word with an innocent meaning of its own stands here only in phrases, or its innocent
phrases stand in `HARMLESS`.
"""

from __future__ import annotations


def _listed(text: str) -> frozenset[str]:
    return frozenset(" ".join(one.split()) for one in text.split(","))


EXPLICIT = _listed("""
    ahegao, anal, bdsm, blowjob, bondage, bukkake, creampie, cum, cumshot, cunnilingus, dildo, ejaculate, ejaculating,
    ejaculation, fellatio, fuck, fucked, fucking, futanari, gangbang, genital, genitalia, handjob, hentai, incest,
    intercourse, masterbate, masterbating, masturbate, masturbating, masturbation, molest, molestation, molested,
    molesting, nsfw, orgasm, orgy, penis, porn, porno, pornographic, pornography, pussy, rape, raped, rule 34, rule34,
    semen, sex, sexual, sexual act, sexualised, sexualized, sexually, threesome, upskirt, vagina, vulva, xxx, yiff
""")
"""Sexual acts, and what shows them."""

NUDE = _listed("""
    areola, bare breasted, bare nipple, exposed nipple, bare breast, exposed breast, bottomless woman, erotic, erotica,
    full frontal, lewd, naked, nipple, no clothes, no clothing, not wearing anything, nude, nudist, nudity, seminude,
    striptease, topless, unclothed, undressed, undressing, wearing nothing, wearing no clothes, without any clothes,
    without clothes, without clothing
""")
"""Bodies without clothes."""

GORE = _listed("""
    beheaded, beheading, blood soaked, blood splattered, bloodbath, covered in blood, decapitated, decapitation,
    disembowelled, disemboweled, dismembered, dismemberment, entrails, eviscerated, gore, gory, mutilated, mutilation,
    rotting corpse, self harm, severed arm, severed hand, severed head, severed leg, severed limb, tortured
""")
"""Violence that is not for children."""

SUGGESTIVE = _listed("""
    aroused, arousal, big tits, boob, breasts, busty, cleavage, fetish, g string, horny, in her underwear,
    in his underwear, in underwear, kinky, lingerie, panties, panty, provocative pose, seductive, seductively, sensual,
    sensually, sexiest, sexy, slutty, spread legs, spreading legs, suggestive pose, thong
""")
"""Allowed to adults in any tier, and never together with minors."""

MINORS = _listed("""
    adolescent, babies, baby, boy child, child, childish body, childlike, children, elementary school,
    elementary schooler, grade schooler, high school, high schooler, highschool, highschooler, infant, infantile,
    junior high, juvenile boy, juvenile girl, kid, kiddie, kiddo, kiddy, kindergarden, kindergardener, kindergarten,
    kindergartener, kindergartner, lil boy, lil girl, little boy, little brother, little girl, little sister, loli,
    lolita, middle school, middle schooler, minor, newborn, paedophile, paedophilia, pedo, pedophile, pedophilia,
    pre pubescent, pre teen, prepubertal, prepubescent, preschool, preschooler, preteen, preteenager, primary school,
    pubescent, school age, school aged, school boy, school girl, schoolboy, schoolchild, schoolchildren, schoolgirl,
    schoolkid, shota, small boy, small girl, teen, teenage, teenaged, teenager, tiny boy, tiny girl, toddler,
    too young, tween, under age, under aged, underage, underaged, very young, young boy, young girl,
    young looking boy, young looking girl, young teen, youngster
""")
"""Who is under eighteen."""

FORBIDDEN = _listed("csam, childporn, jailbait, kiddieporn, kidporn, lolicon, shotacon, toddlercon")
"""Words for both at once."""

COLORS = _listed("""
    nude beige, nude color, nude colored, nude colors, nude colour, nude coloured, nude colours, nude heels, nude lip,
    nude lip gloss, nude lips, nude lipstick, nude lipsticks, nude make up, nude makeup, nude nail polish, nude nails,
    nude palette, nude pink, nude pumps, nude shade, nude shades, nude shoes, nude tights, nude tone, nude tones
""")
"""Harmless where no minors are."""

HARMLESS = _listed("""
    al gore, anal fin, anal fins, asia minor, b minor, baby back rib, baby back ribs, baby blue, baby boomer,
    baby boomers, baby bump, baby carrots, baby corn, baby doll dress, baby grand, baby hair, baby hairs, baby
    oil, baby pink, baby powder, baby s breath, baby spinach, babydoll dress, babys breath, billy the kid, both
    sexes, c minor, canis minor, chicken breasts, child free, child s pose, child theme, childfree, childs pose,
    cum laude, d minor, duck breasts, e minor, elementary school teacher, f minor, g minor, gore tex, grease
    nipple, grease nipples, high school reunion, high school teacher, in a minor, infant industry, inner child,
    juvenile plumage, karate kid, kid glove, kid gloves, kid leather, kid suede, kindergarten teacher, middle
    school teacher, minor arcana, minor blemishes, minor bruises, minor change, minor changes, minor character,
    minor characters, minor chord, minor chords, minor damage, minor deities, minor deity, minor detail, minor
    details, minor edits, minor flaw, minor flaws, minor god, minor gods, minor imperfections, minor injuries,
    minor issues, minor key, minor keys, minor league, minor planet, minor planets, minor road, minor roads,
    minor scale, minor scratches, minor tweaks, minor variations, minor wear, naked bike, naked bikes, naked
    branches, naked cake, naked cakes, naked eye, naked eyes, naked flame, naked flames, naked mole rat, naked
    mole rats, naked tree, naked trees, naked truth, opposite sex, preschool teacher, primary school teacher,
    pussy cat, pussy riot, pussy willow, pussy willows, rape field, rape fields, rape oil, rape seed, same sex,
    sex and the city, sex chromosome, sex chromosomes, sex education, sex pistols, sex ratio, teen spirit,
    turkey breasts, ursa minor
""")
"""Phrases that mean something else than their words do; they are taken out before anything is looked for."""
