import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
    chipsOf,
    conflictSentence,
    corrected,
    inserted,
    roomFor,
    tiersUpTo,
    unusedTags,
    violationSentence,
    withoutTag,
} from '../../../src/comfy_gen/studio/static/views/create/reading.js';

const CITY = { id: 'city', type: 'setting', display_name: 'City', icon: '', confidence: 0.95, spans: [[8, 12]] };
const PREVIEW = /** @type {any} */ ({
    tags_found: ['portrait'],
    categories: [
        {
            ...{ id: 'portrait', type: 'subject', display_name: 'Portrait', icon: '' },
            confidence: 1,
            spans: [[2, 11]],
            source: 'tag',
        },
    ],
    categories_inferred: [CITY],
    conflicts: [],
});

test('each category has a chip, with the words that speak for it', () => {
    const found = chipsOf(PREVIEW, '😀 @portrait', ['sunset'], () => ({ type: 'modifier', display_name: 'Sunset' }));
    assert.deepEqual(
        found.map(({ id, source, kind, said }) => [id, source, kind, said]),
        [
            ['portrait', 'tag', 'subject', '@portrait'],
            ['city', 'possible', 'setting', 'ait'],
            ['sunset', 'without', 'modifier', ''],
        ],
    );
});

test('what was taken out is no possibility any more', () => {
    const found = chipsOf(PREVIEW, '', ['city'], () => undefined);
    assert.deepEqual(found.map(({ id, source, name }) => [id, source, name]).at(-1), ['city', 'without', 'city']);
    assert.equal(found.length, 2);
    assert.deepEqual(
        chipsOf(null, '', [], () => undefined),
        [],
    );
});

test('a tag is taken out with its brackets, weight and comma', () => {
    assert.equal(withoutTag('@portrait of a woman', 'portrait'), 'of a woman');
    assert.equal(withoutTag('a fox, @night, in snow', 'night'), 'a fox, in snow');
    assert.equal(withoutTag('a (@Night:1.2) fox', 'night'), 'a fox');
    assert.equal(withoutTag('@night @night-sky', 'night'), '@night-sky');
    assert.equal(withoutTag('a @night:1.5', 'night'), 'a');
    assert.equal(withoutTag('a fox', 'night'), 'a fox');
});

test('a wrong tag is corrected wherever it stands', () => {
    assert.equal(corrected('@nigt, (@Nigt:1.1) @nigtly', 'nigt', 'night'), '@night, (@night:1.1) @nigtly');
});

test('words are put in with the blanks that they need', () => {
    assert.deepEqual(inserted('a fox', '@night', 5), { text: 'a fox @night', at: 12 });
    assert.deepEqual(inserted('', '@night', 0), { text: '@night', at: 6 });
    assert.deepEqual(inserted('a fox', '@night', 0), { text: '@night a fox', at: 7 });
    assert.deepEqual(inserted('a fox, b', '@night', 2, 5), { text: 'a @night, b', at: 8 });
});

test('there is room for all tags up to ten, and for three otherwise', () => {
    assert.equal(roomFor('a fox, ann@example.org'), 3);
    assert.equal(roomFor('@a1 @b2 @c3 @d4 @A1'), 4);
    assert.equal(roomFor('@a @b @c @d @e @f @g @h @i @j @k @l'), 10);
});

test('conflicts and violations are told in sentences', () => {
    const nameOf = (/** @type {string} */ id) => id.toUpperCase();
    const conflict = { kept: 'you', dropped: 'day', about: 'steps', reason: 'your 12 steps' };
    assert.equal(conflictSentence(conflict, nameOf), 'steps: what you said goes before DAY. Your 12 steps.');
    const other = { kept: 'night', dropped: 'day', about: 'category', reason: 'it was first' };
    assert.equal(conflictSentence(other, nameOf), 'NIGHT goes before DAY. It was first.');
    assert.equal(violationSentence({ id: 'gore', kind: 'word', needs: 'mature' }), '“gore” needs the tier mature.');
});

test('tags that found no room are told of, those that lost are not told twice', () => {
    const preview = {
        ...PREVIEW,
        tags_found: ['portrait', 'night', 'day'],
        conflicts: [{ kept: 'night', dropped: 'day' }],
    };
    assert.deepEqual(unusedTags(preview), ['night']);
    assert.deepEqual(tiersUpTo('mature'), ['general', 'mature']);
});
