import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
    begun,
    fitted,
    kept,
    LARGEST,
    moved,
    pinched,
    revealing,
    SMALLEST,
    zoomed,
} from '../../../src/comfy_gen/studio/static/views/workflows/sight.js';

const WINDOW = { width: 400, height: 300 };
const at = (sight, point) => ({ x: point.x * sight.scale + sight.x, y: point.y * sight.scale + sight.y });

test('all of a large drawing is seen, in the middle', () => {
    const sight = fitted({ width: 4000, height: 1000 }, WINDOW);
    const [first, last] = [at(sight, { x: 0, y: 0 }), at(sight, { x: 4000, y: 1000 })];
    assert.ok(first.x >= 0 && first.y >= 0 && last.x <= 400 && last.y <= 300);
    assert.ok(Math.abs(first.x - (400 - last.x)) < 1e-9);
});

test('a small drawing is not made larger', () => {
    assert.equal(fitted({ width: 40, height: 10 }, WINDOW).scale, 1);
    assert.equal(fitted({ width: 0, height: 0 }, { width: 0, height: 0 }).scale > 0, true);
});

test('what is at a point stays there when it grows', () => {
    const [before, point] = [
        { scale: 0.5, x: 30, y: -20 },
        { x: 120, y: 80 },
    ];
    const after = zoomed(before, 1.7, point);
    const inDrawing = { x: (point.x - before.x) / before.scale, y: (point.y - before.y) / before.scale };
    assert.ok(Math.abs(at(after, inDrawing).x - 120) < 1e-9 && Math.abs(at(after, inDrawing).y - 80) < 1e-9);
});

test('it grows and shrinks to an end', () => {
    assert.equal(zoomed(fitted(WINDOW, WINDOW), 1e9, { x: 0, y: 0 }).scale, LARGEST);
    assert.equal(zoomed(fitted(WINDOW, WINDOW), 1e-9, { x: 0, y: 0 }).scale, SMALLEST);
});

test('two fingers that go apart make it larger', () => {
    const sight = pinched(
        { scale: 1, x: 0, y: 0 },
        [
            { x: 100, y: 0 },
            { x: 200, y: 0 },
        ],
        [
            { x: 50, y: 0 },
            { x: 250, y: 0 },
        ],
    );
    assert.equal(sight.scale, 2);
    assert.equal(sight.x, -150);
});

test('some of it stays in the window', () => {
    const far = kept(moved({ scale: 1, x: 0, y: 0 }, 1e6, -1e6), { width: 500, height: 500 }, WINDOW);
    assert.equal(far.x, 340);
    assert.equal(far.y, -440);
});

test('a box that is seen already moves nothing', () => {
    const sight = { scale: 1, x: 0, y: 0 };
    assert.deepEqual(revealing(sight, { x: 50, y: 50, width: 100, height: 100 }, WINDOW), sight);
});

test('a box elsewhere comes into the window, large enough to be read', () => {
    const box = { x: 3000, y: 900, width: 230, height: 150 };
    const sight = revealing({ scale: 0.1, x: 0, y: 0 }, box, WINDOW);
    const [first, last] = [at(sight, box), at(sight, { x: box.x + box.width, y: box.y + box.height })];
    assert.equal(sight.scale, 0.7);
    assert.ok(first.x >= 0 && first.y >= 0 && last.x <= 400 && last.y <= 300);
});

test('a drawing that could not be read as a whole begins at its left', () => {
    assert.deepEqual(begun({ width: 300, height: 100 }, WINDOW), fitted({ width: 300, height: 100 }, WINDOW));
    const large = begun({ width: 9000, height: 200 }, WINDOW);
    assert.deepEqual([large.scale, large.x, large.y], [0.6, 0, 90]);
    assert.equal(begun({ width: 9000, height: 2000 }, WINDOW).y, 0);
});
