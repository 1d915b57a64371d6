import assert from 'node:assert/strict';
import { test } from 'node:test';

globalThis.document ??= { documentElement: { dataset: {} } };
const { lineOver } = await import('../../../src/comfy_gen/studio/static/parts/charts.js');

test('a line ends at the right, however few values there are', () => {
    assert.equal(lineOver([1], 2, 4), 'M300.0 33.0');
    assert.match(lineOver([0, 2], 2, 4), /^M200\.0 62\.0L300\.0 4\.0$/);
});

test('nothing is above the top, and nothing divided by zero', () => {
    assert.equal(lineOver([9], 2, 1), 'M300.0 4.0');
    assert.equal(lineOver([0], 0, 1), 'M300.0 62.0');
});
