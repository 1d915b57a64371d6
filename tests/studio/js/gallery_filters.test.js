import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
    ALL,
    chipsOf,
    isNarrowed,
    isSame,
    queryOf,
    readFilters,
    wordsOf,
} from '../../../src/comfy_gen/studio/static/views/gallery/filters.js';

const read = (address) => readFilters(new URLSearchParams(address));

test('an address is read, and written the same', () => {
    const said = {
        text: 'a fox',
        category: 'cat',
        rating: '4',
        since: '2026-01-02',
        passed: 'false',
        favorites: 'true',
    };
    const filters = read(said);
    assert.deepEqual(wordsOf(filters), said);
    assert.ok(isSame(read(wordsOf(filters)), filters));
    assert.ok(!isSame(filters, ALL));
});

test('what the service would refuse is as if it were not there', () => {
    const wrong = {
        text: 'x'.repeat(201),
        rating: '9',
        since: 'yesterday',
        until: '2026-99',
        passed: 'perhaps',
        favorites: 'false',
        order: 'sideways',
        tag: 't'.repeat(65),
    };
    assert.deepEqual(read(wrong), ALL);
});

test('a day is asked for from its beginning, and to its end', () => {
    const { since, until } = queryOf(read({ since: '2026-03-05', until: '2026-03-05' }));
    assert.equal(until - since, 86_400);
    assert.equal(since, new Date(2026, 2, 5).getTime() / 1000);
});

test('the earlier of the two ends counts', () => {
    const end = queryOf(read({ until: '2026-03-05' })).until;
    assert.equal(queryOf(read({ until: '2026-03-05' }), end - 10).until, end - 10);
    assert.equal(queryOf(read({ until: '2026-03-05' }), end + 10).until, end);
    assert.equal(queryOf(ALL, 5).until, 5);
    assert.equal(queryOf(ALL).until, '');
});

test('the least rating goes by the name that the service has for it', () => {
    const query = queryOf(read({ rating: '3' }));
    assert.equal(query.min_rating, '3');
    assert.ok(!('rating' in query));
});

test('chips say what the list is narrowed down by, and nothing of its order', () => {
    assert.deepEqual(chipsOf(ALL), []);
    assert.deepEqual(chipsOf(read({ order: 'oldest' })), []);
    assert.ok(!isNarrowed(read({ order: 'oldest' })));
    const labels = chipsOf(read({ text: 'fox', rating: '5', passed: 'true', tag: 'best', favorites: 'true' }));
    assert.deepEqual(
        labels.map(({ label }) => label),
        ['“fox”', 'Tag: best', '5 stars', 'Passed', 'Favourites'],
    );
});
