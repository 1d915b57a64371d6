"""English words that readers of texts know the part of, whatever the categories are."""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _phrases(text: str) -> frozenset[tuple[str, ...]]:
    return frozenset(tuple(phrase.split()) for line in text.strip().splitlines() for phrase in line.split(","))


ARTICLES = _words("a an the")

COLOURS = _words("""
    amber aqua beige black blue brown coral cream crimson cyan gold gray green indigo ivory lavender lilac magenta
    maroon mint navy olive orange peach pink purple red scarlet silver tan teal turquoise violet white yellow
""")

SMALL = _words("""
    a about above across after again against all along also although am amid among an and another any are around as at
    away back be because been before behind being below beneath beside between both but by can could did do does down
    during each every few for from had has have he her here him his how i if in inside instead into is it its just
    like many more most much my n near no nor not now of off on one only onto or our out outside over per please
    rather s she should so some still than that the their them then there these they this those through to together
    too toward towards two under underneath until up upon us v very via w was we were what when where which while who
    whose why will with within without would yet you your
""")
"""After these a noun stands for itself; another noun says with the one before it which kind of thing is meant."""

NEGATIONS = _phrases("""
    no, not, without, never, neither, nor, cannot, cant, dont, doesnt, isnt, arent, except, except for, minus, sans, w o
    exclude, excludes, excluding, avoid, avoids, avoiding, omit, omits, omitting, leave out, leaving out, keep out
    none of, free of, free from, devoid of, lack of, lacking, absence of, instead of, rather than, anything but
    everything but, negative prompt
""")
"""What comes after them is not to be shown. Words that end in "n't" are some too."""

AFFIRMATIONS = _phrases("""
    not only, not just, not merely, nothing but, no matter, no doubt, no wonder, no man land, never ending, never mind
    never forget, not to mention, don't forget, do not forget, dont forget, no shortage of, no end of, no fewer than
    no less than, not far from, why not, if not, or not, no problem
""")
"""They look like those, and say the opposite or nothing of the kind."""

NOBODY = _phrases("nobody, no one, no body, noone")

ENDS = _words("""
    about above across after against along although amid among around at because before behind below beneath beside
    besides between but by during everything everywhere for from however in inside instead into is just like near now
    on onto only outside over please since that though through to toward towards under until where whereas which while
    who with within yet
""")
"""What is not to be shown ends before these, once it has been named."""

BEGINNINGS = _words("a an the some one two three lots many plenty")
"""After an "and" something else begins with these."""

DRAWING = _words("draw depict create generate")
"""What begins with one of these is to be shown, whatever was not."""

SHOWING = _words("give make paint render show")
"""So is what begins with these, if an article or the like follows: a fashion show is a thing."""

POINTERS = BEGINNINGS | _words("her his it its just me my only our their this these those us your")
"""After the verb of a sentence that says what to show."""

WITHIN = _words("aboard atop in inside on onto")
"""After these comes where a thing is, which is not what is mainly shown."""

FILLERS = _words("""
    a all an and any anything appear are be being been contain depict display do draw drawn each else ever feature
    generate give have i include including kind look looking looks make me more much of or other overly paint picture
    put render see seem show showing shown single so some sort such it them the there these this those too use using
    very visible want whatsoever you
""")
"""They name nothing that could be shown."""
