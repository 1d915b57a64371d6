import assert from 'node:assert/strict';
import { test } from 'node:test';
import { laidOut, wrapped } from '../../../src/comfy_gen/studio/static/views/grids/sheet.js';

const measure = (text, size, isBold) => text.length * size * (isBold ? 0.6 : 0.5);
const CONTENT = {
    ...{ title: 'Steps × Cfg', xTitle: 'Steps', yTitle: 'Cfg', columns: ['10', '20', '30'], rows: ['4', '7'] },
    ...{ sheets: [{ title: '', first: 0 }], foot: 'a fox · seed 5', cell: { width: 280, height: 140 } },
};
const isApart = (a, b) =>
    a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;

test('every picture has its place, within the sheet and over no other', () => {
    const { pictures, width, height } = laidOut(CONTENT, measure);
    assert.deepEqual(
        pictures.map((one) => one.index),
        [0, 1, 2, 3, 4, 5],
    );
    for (const one of pictures) assert.ok(one.x >= 0 && one.x + one.width <= width && one.y + one.height <= height);
    for (const [at, one] of pictures.entries())
        for (const other of pictures.slice(at + 1)) assert.ok(isApart(one, other));
});
test('all texts are within the sheet, and over no picture', () => {
    const { pictures, lines, width, height } = laidOut(CONTENT, measure);
    for (const { text, x, y, size, align, isBold } of lines) {
        const wide = measure(text, size, isBold);
        const box = { x: align === 'center' ? x - wide / 2 : x, y, width: wide, height: size };
        assert.ok(box.x >= 0 && box.x + box.width <= width && y >= 0 && y + size <= height, text);
        for (const picture of pictures) assert.ok(isApart(box, picture), text);
    }
    for (const said of ['Steps', 'Cfg', '10', '20', '30', '4', '7', 'Steps × Cfg', 'a fox · seed 5'])
        assert.ok(
            lines.some((one) => one.text === said),
            said,
        );
});
test('a single row has no titles at its side', () => {
    const { pictures } = laidOut({ ...CONTENT, yTitle: '', rows: [''] }, measure);
    assert.equal(pictures.length, 3);
    assert.ok(pictures[0].x < 40);
});
test('sheets lie one below the other', () => {
    const sheets = [
        { title: 'Seed: 1', first: 0 },
        { title: 'Seed: 2', first: 6 },
    ];
    const { pictures, lines } = laidOut({ ...CONTENT, sheets }, measure);
    assert.equal(pictures.length, 12);
    assert.equal(pictures[6].index, 6);
    assert.ok(pictures[6].y > pictures[5].y + 140);
    assert.ok(lines.some((one) => one.text === 'Seed: 2'));
});
test('a sheet that is too large is made of smaller pictures', () => {
    const columns = Array.from({ length: 40 }, (_, at) => String(at));
    const large = { ...CONTENT, columns, rows: columns.slice(0, 10), cell: { width: 1024, height: 1024 } };
    const sheet = laidOut(large, measure);
    assert.ok(sheet.width <= 16_384 && sheet.height <= 16_384 && sheet.width * sheet.height <= 64_000_000);
    assert.ok(sheet.isReduced && sheet.cell.width < 1024 && sheet.cell.width === sheet.cell.height);
    assert.equal(laidOut(CONTENT, measure).isReduced, false);
});

const wide = (text) => text.length;
test('texts are broken between words', () =>
    assert.deepEqual(wrapped('one two three', 7, wide, 3), ['one two', 'three']));
test('words that are too long are broken', () =>
    assert.deepEqual(wrapped('abcdefgh', 3, wide, 9), ['abc', 'def', 'gh']));
test('what does not fit is left out, and that is seen', () =>
    assert.deepEqual(wrapped('one two three four', 5, wide, 2), ['one', 'two…']));
test('nothing has no lines', () => assert.deepEqual(wrapped('', 5, wide, 2), []));
