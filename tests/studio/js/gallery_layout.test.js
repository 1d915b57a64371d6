import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BLOCK, justified, squares, target } from '../../../src/comfy_gen/studio/static/views/gallery/layout.js';

const ROOM = { width: 1000, size: 190, gap: 10 };
const RATIOS = [1, 1.5, 0.66, 0.54, 1.85];
const ratiosOf = (count) => (block) =>
    Array.from({ length: Math.min(BLOCK, count - block * BLOCK) }, (_, at) => RATIOS[(block + at) % RATIOS.length]);
const boxes = (layout, count) => Array.from({ length: count }, (_, at) => layout.boxOf(at));
const overlap = (a, b) =>
    a.x < b.x + b.width - 0.01 &&
    b.x < a.x + a.width - 0.01 &&
    a.y < b.y + b.height - 0.01 &&
    b.y < a.y + a.height - 0.01;

test('squares fill the width, as many side by side as fit', () => {
    const layout = squares(11, ROOM);
    assert.deepEqual(layout.boxOf(0), { x: 0, y: 0, width: 192, height: 192 });
    assert.deepEqual(layout.boxOf(4), { x: 808, y: 0, width: 192, height: 192 });
    assert.deepEqual(layout.boxOf(5), { x: 0, y: 202, width: 192, height: 192 });
    assert.equal(layout.height, 3 * 202 - 10);
});

test('a room narrower than a picture has one column', () => {
    assert.deepEqual(squares(2, { width: 90, size: 190, gap: 10 }).boxOf(1), { x: 0, y: 100, width: 90, height: 90 });
});

test('an empty list has no height', () => {
    assert.equal(squares(0, ROOM).height, 0);
    assert.equal(justified(0, ROOM, () => undefined).height, 0);
    assert.deepEqual(justified(0, ROOM, () => undefined).between(0, 100), [0, 0]);
});

test('those that a band touches are found, and no row beside them', () => {
    const layout = squares(100, ROOM);
    assert.deepEqual(layout.between(0, 1), [0, 5]);
    assert.deepEqual(layout.between(0, 203), [0, 10]);
    assert.deepEqual(layout.between(195, 200), [5, 5]);
    assert.deepEqual(layout.between(202, 394), [5, 10]);
    assert.deepEqual(layout.between(-500, -100), [0, 0]);
    assert.deepEqual(layout.between(1e6, 1e6 + 10), [100, 100]);
});

for (const count of [1, 7, BLOCK, BLOCK + 1, 3 * BLOCK + 17]) {
    test(`rows of ${count} whole pictures cover each other nowhere, and stay within the room`, () => {
        const layout = justified(count, ROOM, ratiosOf(count));
        const all = boxes(layout, count);
        for (const [at, box] of all.entries()) {
            assert.ok(box.x >= 0 && box.x + box.width <= ROOM.width + 0.01, `${at} is outside`);
            for (const other of all.slice(at + 1, at + 12)) assert.ok(!overlap(box, other), `${at} covers another`);
        }
        const last = all.at(-1);
        assert.ok(Math.abs(last.y + last.height - layout.height) < 0.01);
    });
}

test('whole pictures keep their proportions, but for those that end a block', () => {
    const layout = justified(3 * BLOCK, ROOM, ratiosOf(3 * BLOCK));
    const kept = boxes(layout, 50).filter((box, at) => Math.abs(box.width / box.height - RATIOS[at % 5]) < 0.01);
    assert.equal(kept.length, 50);
    assert.ok(boxes(layout, 50).every(({ height }) => height > 120 && height < 280));
});

test('a band finds exactly the whole pictures that it touches, rows at a time', () => {
    const count = 3 * BLOCK + 17;
    const layout = justified(count, ROOM, ratiosOf(count));
    const all = boxes(layout, count);
    for (let top = 0; top < layout.height; top += 333) {
        const [first, end] = layout.between(top, top + 500);
        const touched = all
            .map((box, at) => [box, at])
            .filter(([box]) => box.y < top + 500 && box.y + box.height > top);
        assert.ok(touched.every(([, at]) => at >= first && at < end));
        assert.ok(touched.length >= end - first - 1);
    }
});

test('a block that nobody has seen is as high as it is likely to be', () => {
    const count = 4 * BLOCK;
    const whole = justified(count, ROOM, ratiosOf(count));
    const partly = justified(count, ROOM, (block) => (block === 1 ? ratiosOf(count)(1) : undefined));
    assert.ok(Math.abs(partly.height / whole.height - 1) < 0.1);
});

test('a block that was shortened meanwhile has a place for each all the same', () => {
    const layout = justified(BLOCK, ROOM, () => [1, 1]);
    assert.ok(boxes(layout, BLOCK).every(({ width, height }) => width > 0 && height > 0));
});

test('keys lead to the pictures beside, above and below', () => {
    const layout = squares(23, ROOM);
    const to = (index, key) => target(layout, 23, index, key, 600);
    assert.equal(to(7, 'ArrowLeft'), 6);
    assert.equal(to(7, 'ArrowRight'), 8);
    assert.equal(to(7, 'ArrowUp'), 2);
    assert.equal(to(7, 'ArrowDown'), 12);
    assert.equal(to(2, 'ArrowUp'), 2);
    assert.equal(to(22, 'ArrowDown'), 22);
    assert.equal(to(0, 'ArrowLeft'), 0);
    assert.equal(to(22, 'ArrowRight'), 22);
    assert.equal(to(9, 'Home'), 0);
    assert.equal(to(9, 'End'), 22);
    assert.equal(to(0, 'PageDown'), 15);
    assert.equal(to(22, 'PageUp'), 7);
    assert.equal(to(19, 'ArrowDown'), 22);
    assert.equal(to(7, 'a'), null);
});

test('down and up again among whole pictures lead to the next row, and nowhere further', () => {
    const count = 2 * BLOCK;
    const layout = justified(count, ROOM, ratiosOf(count));
    let at = 3;
    for (let step = 0; step < 20; step += 1) {
        const next = target(layout, count, at, 'ArrowDown', 600);
        const [before, after] = [layout.boxOf(at), layout.boxOf(next)];
        assert.ok(Math.abs(after.y - (before.y + before.height + ROOM.gap)) < 0.01);
        at = next;
    }
});
