import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ago, amount, capital, duration, size } from '../../../src/comfy_gen/studio/static/core/words.js';

const told = (work, rows) => {
    for (const [given, wanted] of rows) assert.equal(work(...[given].flat()), wanted);
};

test('durations are as short as they can be', () =>
    told(duration, [
        [0, '0 s'],
        [0.84, '0.8 s'],
        [42.4, '42 s'],
        [60, '1 min'],
        [185, '3 min 5 s'],
        [7800, '2 h 10 min'],
        [3600, '1 h'],
        [-3, '0 s'],
    ]));

test('sizes have three digits at most', () =>
    told(size, [
        [0, '0 B'],
        [812, '812 B'],
        [1_400_000, '1.4 MB'],
        [11_900_000_000, '11.9 GB'],
        [123_456, '123 kB'],
        [5e12, '5.0 TB'],
    ]));

test('amounts have the right number', () =>
    told(amount, [
        [[1, 'picture'], '1 picture'],
        [[0, 'picture'], '0 pictures'],
        [[12_000, 'entry', 'entries'], '12,000 entries'],
    ]));

test('moments that have just passed are told in words', () =>
    told(ago, [
        [[100, 105], 'just now'],
        [[0, 45], '45 s ago'],
        [[0, 185], '3 min ago'],
        [[0, 7200], '2 h ago'],
    ]));

test('sentences begin with a capital letter', () =>
    told(capital, [
        ['held', 'Held'],
        ['', ''],
    ]));
