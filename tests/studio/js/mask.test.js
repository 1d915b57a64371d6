import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inflateSync } from 'node:zlib';
import {
    boundsOf,
    clear,
    createMask,
    invert,
    readMask,
    rowsAt,
    shareOf,
    stroke,
    together,
    whole,
    workingSize,
} from '../../../src/comfy_gen/studio/static/views/create/mask/coverage.js';
import { History } from '../../../src/comfy_gen/studio/static/views/create/mask/history.js';
import { checksum, encodeMask } from '../../../src/comfy_gen/studio/static/views/create/mask/png.js';

/** @param {import('../../../src/comfy_gen/studio/static/views/create/mask/coverage.js').Mask} mask */
const at = (mask, /** @type {number} */ x, /** @type {number} */ y) => mask.data[y * mask.width + x];

/** Do something to a mask as one step. */
function step(mask, history, work) {
    const before = mask.data.slice();
    const box = work() ?? whole(mask);
    history.note(before, mask, box);
}

test('a stroke covers what is under the brush, and nothing else', () => {
    const mask = createMask(40, 20);
    const box = stroke(mask, { x: 10, y: 10 }, { x: 30, y: 10 }, 4);
    assert.equal(at(mask, 10, 10), 255);
    assert.equal(at(mask, 29, 12), 255);
    assert.equal(at(mask, 20, 3), 0);
    assert.equal(at(mask, 1, 10), 0);
    const bounds = boundsOf(mask);
    assert.deepEqual(bounds, { left: 6, top: 6, width: 28, height: 8 });
    assert.ok(box && box.left <= 6 && box.top <= 6 && box.left + box.width >= 34 && box.top + box.height >= 14);
});

test('its edge is soft by a point', () => {
    const mask = createMask(20, 20);
    stroke(mask, { x: 10, y: 10 }, { x: 10, y: 10 }, 5);
    const values = new Set(mask.data);
    assert.ok(values.has(0) && values.has(255) && values.size > 2);
    assert.ok(Math.abs(shareOf(mask) * 400 - Math.PI * 25) < 2);
});

test('strokes over each other cover once', () => {
    const [once, twice] = [createMask(20, 20), createMask(20, 20)];
    stroke(once, { x: 10, y: 10 }, { x: 12, y: 10 }, 3);
    for (const _ of [1, 2]) stroke(twice, { x: 10, y: 10 }, { x: 12, y: 10 }, 3);
    assert.deepEqual(once.data, twice.data);
});

test('a stroke beyond the edge stays within, and one outside changes nothing', () => {
    const mask = createMask(10, 10);
    assert.ok(stroke(mask, { x: -3, y: 5 }, { x: 14, y: 5 }, 2));
    assert.deepEqual(boundsOf(mask), { left: 0, top: 3, width: 10, height: 4 });
    assert.equal(stroke(mask, { x: 50, y: 50 }, { x: 60, y: 50 }, 2), null);
});

test('the eraser takes away what it goes over', () => {
    const mask = createMask(20, 20);
    stroke(mask, { x: 0, y: 10 }, { x: 20, y: 10 }, 6);
    stroke(mask, { x: 10, y: 10 }, { x: 10, y: 10 }, 3, true);
    assert.equal(at(mask, 10, 10), 0);
    assert.equal(at(mask, 2, 10), 255);
    stroke(mask, { x: 0, y: 10 }, { x: 20, y: 10 }, 30, true);
    assert.equal(boundsOf(mask), null);
});

test('inverted twice it is what it was', () => {
    const mask = createMask(16, 16);
    stroke(mask, { x: 4, y: 4 }, { x: 9, y: 9 }, 3);
    const before = mask.data.slice();
    invert(mask);
    assert.equal(at(mask, 4, 4), 0);
    assert.equal(at(mask, 15, 0), 255);
    invert(mask);
    assert.deepEqual(mask.data, before);
});

test('nothing is covered at first, all of it after an inversion, and nothing when cleared', () => {
    const mask = createMask(8, 4);
    assert.equal(boundsOf(mask), null);
    assert.equal(shareOf(mask), 0);
    invert(mask);
    assert.deepEqual(boundsOf(mask), whole(mask));
    assert.equal(shareOf(mask), 1);
    clear(mask);
    assert.equal(shareOf(mask), 0);
});

test('each step can be undone and done again', () => {
    const mask = createMask(32, 32);
    const history = new History();
    const states = [mask.data.slice()];
    const steps = [
        () => stroke(mask, { x: 5, y: 5 }, { x: 20, y: 8 }, 4),
        () => stroke(mask, { x: 10, y: 6 }, { x: 10, y: 6 }, 2, true),
        () => invert(mask),
        () => clear(mask),
        () => stroke(mask, { x: 31, y: 31 }, { x: 31, y: 31 }, 6),
    ];
    for (const work of steps) {
        step(mask, history, work);
        states.push(mask.data.slice());
    }
    for (let left = steps.length; left > 0; left -= 1) {
        assert.deepEqual(mask.data, states[left]);
        assert.ok(history.undo(mask));
    }
    assert.deepEqual(mask.data, states[0]);
    assert.equal(history.undo(mask), null);
    for (let done = 1; done <= steps.length; done += 1) {
        assert.ok(history.redo(mask));
        assert.deepEqual(mask.data, states[done]);
    }
    assert.equal(history.redo(mask), null);
});

test('what was undone is gone after another step', () => {
    const mask = createMask(8, 8);
    const history = new History();
    step(mask, history, () => invert(mask));
    history.undo(mask);
    step(mask, history, () => stroke(mask, { x: 2, y: 2 }, { x: 2, y: 2 }, 1));
    assert.equal(history.redo(mask), null);
});

test('the oldest steps are forgotten before they take too much room, but never the last', () => {
    const mask = createMask(10, 10);
    const history = new History(600);
    for (let count = 0; count < 9; count += 1) step(mask, history, () => invert(mask));
    assert.equal(history.done.length, 3);
    const small = new History(1);
    step(mask, small, () => invert(mask));
    assert.equal(small.done.length, 1);
});

test('boxes together are one around both', () => {
    const one = { left: 1, top: 2, width: 3, height: 4 };
    const other = { left: 8, top: 0, width: 2, height: 3 };
    assert.deepEqual(together(one, other), { left: 1, top: 0, width: 9, height: 6 });
    assert.deepEqual([together(one, null), together(null, one), together(null, null)], [one, one, null]);
});

test('large pictures are painted on at a smaller size', () => {
    assert.deepEqual(workingSize(512, 768), { width: 512, height: 768 });
    assert.deepEqual(workingSize(8192, 4096), { width: 2048, height: 1024 });
    assert.deepEqual(workingSize(100_000, 1), { width: 2048, height: 1 });
});

test('a mask has the same rows at its own size, and smooth ones at twice that', () => {
    const mask = createMask(2, 2, new Uint8Array([0, 255, 0, 255]));
    assert.deepEqual([...rowsAt(mask, 2, 2)], [new Uint8Array([0, 255]), new Uint8Array([0, 255])]);
    const rows = [...rowsAt(mask, 4, 4)];
    assert.equal(rows.length, 4);
    assert.deepEqual(rows[0], new Uint8Array([0, 64, 191, 255]));
});

test('a mask is read from what is transparent, or else from what is light', () => {
    const written = new Uint8ClampedArray([0, 0, 0, 255, 255, 255, 255, 0, 9, 9, 9, 155]);
    assert.deepEqual(readMask(written), new Uint8Array([0, 255, 100]));
    assert.deepEqual(readMask(new Uint8ClampedArray([0, 0, 0, 255, 200, 200, 200, 255])), new Uint8Array([0, 200]));
});

test('as PNG it is white and transparent where it is covered, black and opaque where not', async () => {
    const rows = [new Uint8Array([0, 255, 100]), new Uint8Array([255, 0, 0])];
    const blob = await encodeMask(3, 2, rows);
    assert.equal(blob.type, 'image/png');
    const { head, data } = readPng(Buffer.from(await blob.arrayBuffer()));
    assert.deepEqual(head, { width: 3, height: 2, depth: 8, colour: 6 });
    const black = [0, 0, 0, 255];
    const white = [255, 255, 255, 0];
    assert.deepEqual([...data], [0, ...black, ...white, 100, 100, 100, 155, 0, ...white, ...black, ...black]);
});

test('checksums are those of everybody else', () => {
    assert.equal(checksum(new TextEncoder().encode('123456789')), 0xcbf43926);
    assert.equal(checksum(new TextEncoder().encode('IEND')), 0xae426082);
});

/** Read a PNG as its document says, and check each part's sum. @param {Buffer} file */
function readPng(file) {
    assert.equal(file.subarray(0, 8).toString('latin1'), '\x89PNG\r\n\x1a\n');
    /** @type {Record<string, Buffer>} */
    const parts = {};
    for (let place = 8; place < file.length; ) {
        const length = file.readUInt32BE(place);
        const name = file.toString('latin1', place + 4, place + 8);
        assert.equal(checksum(file.subarray(place + 4, place + 8 + length)), file.readUInt32BE(place + 8 + length));
        parts[name] = file.subarray(place + 8, place + 8 + length);
        place += 12 + length;
    }
    assert.deepEqual(Object.keys(parts), ['IHDR', 'IDAT', 'IEND']);
    const { IHDR: said, IDAT: packed } = parts;
    const head = { width: said.readUInt32BE(0), height: said.readUInt32BE(4), depth: said[8], colour: said[9] };
    return { head, data: inflateSync(packed) };
}
