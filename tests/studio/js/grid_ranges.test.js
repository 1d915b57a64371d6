import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
    itemsOf,
    MOST_VALUES,
    readChosen,
    readLines,
    readNumbers,
    readSizes,
    readWords,
} from '../../../src/comfy_gen/studio/static/views/grids/ranges.js';

const FREE = { least: null, most: null, multiple: null, isWhole: false, mayDraw: false };
const STEPS = { ...FREE, least: 1, most: 150, isWhole: true };
const SEEDS = { ...FREE, least: 0, isWhole: true, mayDraw: true };
const drawn = (at) => 1000 + at;
const numbers = (text, limits = FREE) => readNumbers(text, limits, drawn);

test('lists are read, with commas, semicolons and lines between', () =>
    assert.deepEqual(numbers('4, 8;12\n.5, -1'), { values: [4, 8, 12, 0.5, -1], problems: [] }));
test('ranges count by one', () => assert.deepEqual(numbers('1..5').values, [1, 2, 3, 4, 5]));
test('ranges count by a step', () => assert.deepEqual(numbers('4..12 step 2').values, [4, 6, 8, 10, 12]));
test('ranges count down', () => assert.deepEqual(numbers('3 to 1').values, [3, 2, 1]));
test('a step that does not meet the end stops before it', () =>
    assert.deepEqual(numbers('1..10 step 4').values, [1, 5, 9]));
test('decimal fractions stay what they are', () =>
    assert.deepEqual(numbers('0..0.6 step 0.1').values, [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6]));
test('seeds are drawn, each of them another', () =>
    assert.deepEqual(numbers('random 2, 7, random', SEEDS), { values: [1000, 1001, 7, 1002], problems: [] }));
test('what is no seed is not drawn', () => assert.match(numbers('random 2', STEPS).problems[0], /neither a number/));
test('all mistakes are told at once', () => {
    const { problems } = numbers('many, 1..5 step 0, 200, 2.5, 8, 8', STEPS);
    assert.deepEqual(problems, [
        '“many” is neither a number nor a range: write 4, 8, 12 or 4..12 step 2.',
        '“1..5 step 0”: the step must be more than 0.',
        '200 is too much: 150 is the most.',
        '2.5 is no whole number.',
        '8 is there twice.',
    ]);
});
test('what is too little is told', () =>
    assert.deepEqual(numbers('0', STEPS).problems, ['0 is too little: 1 is the least.']));
test('multiples of fractions are multiples', () =>
    assert.deepEqual(numbers('0.3', { ...FREE, multiple: 0.1 }).problems, []));
test('long ranges are cut, and told', () => {
    const { values, problems } = numbers('1..1000000000');
    assert.equal(values.length, MOST_VALUES);
    assert.match(problems[0], /1000000000 values: 100 is the most/);
});
test('many short ranges are too many as well', () =>
    assert.match(numbers('1..60, 101..160').problems[0], /120 values: 100 is the most/));
test('nothing is no mistake', () => assert.deepEqual(numbers(' , '), { values: [], problems: [] }));

const SIDE = { ...FREE, least: 64, most: 2048, multiple: 8, isWhole: true };
test('sizes are read', () =>
    assert.deepEqual(readSizes('512x768, 64 × 64', SIDE, SIDE).values, [
        { width: 512, height: 768 },
        { width: 64, height: 64 },
    ]));
test('wrong sizes are told', () =>
    assert.deepEqual(readSizes('big, 513x5120', SIDE, SIDE).problems, [
        '“big” is no size: write it as 512x768.',
        '513 is no multiple of 8.',
        '5120 is too much: 2048 is the most.',
    ]));

test('texts are one a line, and two quotes are the empty one', () =>
    assert.deepEqual(readLines('blurry, dark\n\n""\n').values, ['blurry, dark', '']));
test('texts that are there twice are told', () => assert.match(readLines('a\na').problems[0], /“a” is there twice/));
test('words are put in the place of the first', () =>
    assert.deepEqual(readWords('cat, dog, "fox, red", ""', 'a cat').values, [
        { from: 'cat', to: 'cat' },
        { from: 'cat', to: 'dog' },
        { from: 'cat', to: 'fox, red' },
        { from: 'cat', to: '' },
    ]));
test('a word that does not stand in the prompt is told', () =>
    assert.deepEqual(readWords('cow, dog', 'a cat').problems, ['“cow” does not stand in the prompt.']));
test('one word alone is nothing to replace', () => assert.match(readWords('cat', 'a cat').problems[0], /at least one/));
test('choices are taken as they are', () => assert.deepEqual(readChosen([true, false]).values, [true, false]));
test('quotes hold items together where they are meant to', () => {
    assert.deepEqual(itemsOf('"a, b", c', true), ['a, b', 'c']);
    assert.deepEqual(itemsOf('"a, b"'), ['"a', 'b"']);
});
