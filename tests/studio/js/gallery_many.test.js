import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parts, withEach } from '../../../src/comfy_gen/studio/static/views/gallery/many.js';

test('one that fails stops no other', async () => {
    const work = async (one) => {
        if (one === 3) throw new Error('as asked');
        return one * 10;
    };
    const { done, failed } = await withEach([1, 2, 3, 4, 5, 6], work);
    assert.deepEqual(
        done.map(([one, result]) => [one, result]).sort(),
        [1, 2, 4, 5, 6].map((one) => [one, one * 10]),
    );
    assert.deepEqual(
        failed.map(([one, error]) => [one, error.message]),
        [[3, 'as asked']],
    );
});

test('a few are done at a time, and it is told how many are', async () => {
    let [now, most] = [0, 0];
    const told = [];
    const work = async () => {
        now += 1;
        most = Math.max(most, now);
        await new Promise(setImmediate);
        now -= 1;
    };
    await withEach(Array(12).fill(0), work, (done) => told.push(done));
    assert.equal(most, 4);
    assert.equal(told.at(-1), 12);
});

test('parts are as large as they may be', () => {
    assert.deepEqual(parts([1, 2, 3, 4, 5], 2), [[1, 2], [3, 4], [5]]);
    assert.deepEqual(parts([], 2), []);
});
