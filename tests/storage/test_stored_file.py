from comfy_gen.storage.stored_file import StoredFile, listing_of


def test_newest_come_first_and_all_are_counted():
    files = [StoredFile(f"{number}.png", number, float(number % 7)) for number in range(100)]
    listing = listing_of(iter(files), 3)
    assert [file.changed for file in listing.files] == [6.0, 6.0, 6.0]
    assert (listing.count, listing.size) == (100, sum(range(100)))


def test_nothing_is_listed_as_nothing():
    assert listing_of([], 3) == listing_of(iter(()), 0)


def test_pictures_are_told_by_their_names():
    assert [StoredFile(key, 1, 0.0).is_picture for key in ("a.png", "a.webp", "a.mp4", "a", "a.png.txt")] == [
        True,
        True,
        False,
        False,
        False,
    ]
