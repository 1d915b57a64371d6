import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FITTED, LARGEST, moved, pinched, zoomed } from '../../../src/comfy_gen/studio/static/parts/zooming.js';

const near = (a, b) => assert.ok(Math.abs(a - b) < 1e-9, `${a} is not ${b}`);
/** Which part of the picture is at a point of the window. */
const under = ({ scale, x }, at) => (at - x) / scale;

test('what is under the pointer stays there', () => {
    const at = { x: 0.2, y: -0.1 };
    const once = zoomed(FITTED, 3, at);
    near(under(once, 0.2), 0.2);
    const twice = zoomed(once, 1.7, at);
    near(under(twice, 0.2), 0.2);
});

test('it is never smaller than its window, nor larger than it may be', () => {
    assert.deepEqual(zoomed(FITTED, 0.1), FITTED);
    assert.equal(zoomed(FITTED, 1000).scale, LARGEST);
    assert.deepEqual(zoomed(zoomed(FITTED, 4, { x: 0.5, y: 0.5 }), 0.01), FITTED);
});

test('it cannot be moved out of its window', () => {
    assert.deepEqual(moved(FITTED, 5, 5), FITTED);
    assert.deepEqual(moved(zoomed(FITTED, 3), 5, -5), { scale: 3, x: 1, y: -1 });
});

test('two fingers that part make it larger where they are', () => {
    const wider = pinched(
        FITTED,
        [
            { x: -0.1, y: 0 },
            { x: 0.1, y: 0 },
        ],
        [
            { x: -0.2, y: 0 },
            { x: 0.2, y: 0 },
        ],
    );
    near(wider.scale, 2);
    near(wider.x, 0);
});

test('two fingers that go together move it', () => {
    const close = zoomed(FITTED, 4);
    const after = pinched(
        close,
        [
            { x: 0, y: 0 },
            { x: 0.1, y: 0 },
        ],
        [
            { x: 0.2, y: 0.1 },
            { x: 0.3, y: 0.1 },
        ],
    );
    near(after.scale, 4);
    near(after.x, 0.2);
    near(after.y, 0.1);
});
