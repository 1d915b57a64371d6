import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
    fit,
    inPicture,
    moved,
    pinched,
    within,
    zoomed,
} from '../../../src/comfy_gen/studio/static/views/create/mask/sight.js';

const PICTURE = { width: 400, height: 200 };
const ROOM = { width: 200, height: 200 };

test('all of the picture is in the middle of the window', () => {
    assert.deepEqual(fit(PICTURE, ROOM), { scale: 0.5, x: 0, y: 50 });
    assert.equal(fit(PICTURE, { width: 0, height: 0 }).scale, 1);
});

test('what is under the pointer stays there when it is enlarged', () => {
    const before = fit(PICTURE, ROOM);
    const at = { x: 37, y: 81 };
    const after = zoomed(before, at, 3, before.scale);
    assert.equal(after.scale, 1.5);
    const [was, is] = [inPicture(before, at), inPicture(after, at)];
    assert.ok(Math.abs(was.x - is.x) < 1e-9 && Math.abs(was.y - is.y) < 1e-9);
});

test('it is neither enlarged nor reduced beyond reason', () => {
    const sight = fit(PICTURE, ROOM);
    assert.equal(zoomed(sight, { x: 0, y: 0 }, 1e6, sight.scale).scale, 12);
    assert.equal(zoomed(sight, { x: 0, y: 0 }, 1e-6, sight.scale).scale, 0.125);
});

test('it cannot be moved out of sight', () => {
    const sight = fit(PICTURE, ROOM);
    assert.deepEqual(within(moved(sight, 5000, 5000), PICTURE, ROOM), { scale: 0.5, x: 152, y: 152 });
    assert.deepEqual(within(moved(sight, -5000, -5000), PICTURE, ROOM), { scale: 0.5, x: -152, y: -52 });
    assert.deepEqual(within(sight, PICTURE, ROOM), sight);
});

test('two fingers that go apart enlarge about their middle', () => {
    const [before, after] = [
        [
            { x: 10, y: 10 },
            { x: 30, y: 10 },
        ],
        [
            { x: 5, y: 20 },
            { x: 45, y: 20 },
        ],
    ];
    assert.deepEqual(pinched(before, after), { at: { x: 25, y: 20 }, right: 5, down: 10, factor: 2 });
    assert.equal(pinched([before[0], before[0]], after).factor, 40);
});
