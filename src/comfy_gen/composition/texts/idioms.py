"""Phrases whose words do not mean what they mean alone: there is no train in a train of thought."""

from __future__ import annotations

_TEXT = """
couple of
train of thought, train wreck, raining cats and dogs, rain check, piece of cake, elephant in the room, white elephant
black sheep, dark horse, wild goose chase, bull eye, butterfly effect, early bird, night owl, rat race, bird brain
sea change, sea of, ocean of, mountain of, river of, flood of, wave of, tip of the iceberg, perfect storm
stock market, job market, housing market, bear market, bull market, market share, market crash, market research
parking lot, parking garage, car park, theme park, water park, skate park, mountain bike, dog tag, horse power
space bar, disk space, parking space, personal space, office space, safe space, rock star, movie star, pop star
film star, film festival, five star, star sign, red carpet, comic sans, comic timing, comic relief, comic actor
portrait mode, portrait format, portrait orientation, landscape mode, landscape format, landscape orientation
macro economics, excel macro, cloud computing, lightning fast, night stand, palm of, palm reader, desert boots
fountain pen, library card, turkey sandwich, sea salt, sea level, rose gold, golden rule, golden ratio
golden age, silver screen, spring loaded, coil spring, spring mattress, fall in love, fall asleep, fall down
light year, light weight, traffic light, red light, green light, close friend, close call, role model
business model, language model, data model, product manager, food chain, food for thought, flower power
power plant, house music, cold feet, cold war, coffee table, coffee bean
"""

IDIOMS = tuple(phrase.strip() for line in _TEXT.strip().splitlines() for phrase in line.split(","))
"""In the singular, and without articles; a category's own phrase counts more."""
