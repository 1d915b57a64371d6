import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ledTo } from '../../../src/comfy_gen/studio/static/views/grids/arrows.js';
import { few } from '../../../src/comfy_gen/studio/static/views/grids/few.js';
import { gridIdOf, jobIdOf, placeOf } from '../../../src/comfy_gen/studio/static/views/grids/identity.js';
import {
    estimateText,
    isMissing,
    meanOf,
    recalled,
    secondsLeft,
    standingOf,
    tallied,
    tallyText,
    UNSENT,
} from '../../../src/comfy_gen/studio/static/views/grids/standing.js';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

test('jobs have ids that are UUIDs, and say which cell they are for', () => {
    for (const byte of [0, 0x5a, 0xff]) {
        const grid = gridIdOf(new Uint8Array(10).fill(byte));
        assert.match(jobIdOf(grid, 399), UUID);
        assert.deepEqual(placeOf(jobIdOf(grid, 399)), { grid, index: 399 });
    }
});

const SIZE = { across: 3, down: 2 };
test('arrows go from cell to cell, and stop at the edge', () => {
    assert.deepEqual(ledTo('ArrowRight', { x: 1, y: 0 }, SIZE), { x: 2, y: 0 });
    assert.deepEqual(ledTo('ArrowRight', { x: 2, y: 0 }, SIZE), { x: 2, y: 0 });
    assert.deepEqual(ledTo('ArrowUp', { x: 2, y: 0 }, SIZE), { x: 2, y: 0 });
    assert.deepEqual(ledTo('ArrowDown', { x: 2, y: 0 }, SIZE), { x: 2, y: 1 });
    assert.deepEqual(ledTo('ArrowLeft', { x: 2, y: 1 }, SIZE), { x: 1, y: 1 });
});
test('Home and End go to the ends of the row, or of all', () => {
    assert.deepEqual(ledTo('Home', { x: 2, y: 1 }, SIZE), { x: 0, y: 1 });
    assert.deepEqual(ledTo('End', { x: 0, y: 0 }, SIZE), { x: 2, y: 0 });
    assert.deepEqual(ledTo('Home', { x: 2, y: 1 }, SIZE, true), { x: 0, y: 0 });
    assert.deepEqual(ledTo('End', { x: 0, y: 0 }, SIZE, true), { x: 2, y: 1 });
});
test('other keys lead nowhere', () => assert.equal(ledTo('a', { x: 0, y: 0 }, SIZE), null));

const JOB = { state: 'queued', progress: 0, message: 'Waiting', output: [], error: null, eta: { median: 9 } };
const FILE = { id: 'p', media_type: 'image/png', width: 8, height: 4, filename: 'p.png' };
test('a cell stands as its job does', () => {
    assert.deepEqual([standingOf(JOB).state, standingOf(JOB).eta], ['waiting', 9]);
    assert.equal(standingOf({ ...JOB, state: 'postprocessing', progress: 80 }).percent, 80);
    assert.equal(standingOf({ ...JOB, state: 'cancelled' }).state, 'cancelled');
    const done = standingOf({
        ...JOB,
        state: 'completed',
        output: [{ ...FILE, id: 't', media_type: 'text/plain' }, FILE],
    });
    assert.deepEqual(done.picture, { id: 'p', media_type: 'image/png', width: 8, height: 4 });
});
test('a cell that failed says why', () => {
    const error = { code: 'x', message: 'the node is missing', hint: 'install it', details: {} };
    assert.equal(standingOf({ ...JOB, state: 'failed', error }).said, 'The node is missing. Install it.');
    const typed = { ...error, hint: 'try again: comfygen jobs retry' };
    assert.equal(standingOf({ ...JOB, state: 'failed', error: typed }).said, 'The node is missing.');
    assert.equal(standingOf({ ...JOB, state: 'failed', message: 'Gone' }).said, 'Gone');
    assert.equal(standingOf({ ...JOB, state: 'completed' }).state, 'failed');
});
test('what was in work when the page was left waits until more is known', () => {
    assert.equal(recalled({ state: 'running', isSent: true, percent: 40 }).state, 'waiting');
    assert.deepEqual(recalled(undefined), UNSENT);
});

const with_ = (state, eta = null) => ({ ...UNSENT, state, eta });
test('cells are counted', () => {
    const tally = tallied([
        ...[with_('done'), with_('waiting', 4), with_('running', 2), with_('unsent')],
        ...[with_('failed'), with_('refused'), with_('cancelled')],
    ]);
    assert.deepEqual(tally, { all: 7, done: 1, going: 2, unsent: 1, failed: 2, missing: 3, eta: null });
    assert.equal(tallyText(tally), '1 of 7 pictures made, 2 failed, 1 cancelled or deleted');
});
test('the time that is left is told by all that go on, or by how quickly pictures come', () => {
    const all = tallied([with_('waiting', 4), with_('running', 2)]);
    assert.equal(all.eta, 4);
    assert.equal(tallied([with_('waiting'), with_('running', 2)]).eta, null);
    const since = { at: 100, done: 1 };
    assert.equal(secondsLeft({ ...all, done: 2 }, since, 110), 4);
    assert.equal(secondsLeft({ ...all, done: 6, unsent: 1 }, since, 110), 6);
    assert.equal(secondsLeft({ ...all, done: 6, going: 0 }, since, 110), null);
});
test('what has come to no picture can be made again', () => {
    assert.deepEqual(
        ['refused', 'failed', 'cancelled', 'gone', 'done', 'waiting'].map((state) => isMissing({ state })),
        [true, true, true, true, false, false],
    );
});

test('the time is that of all, by as many engines as there are', () => {
    assert.equal(estimateText(20, { seconds: 6, engines: 2, waiting: 0 }), 'about 1 min, going by what was made today');
    assert.match(estimateText(20, { seconds: 6, engines: 0, waiting: 10 }), /^about 3 min, with the 10 jobs before it/);
    assert.equal(estimateText(20, { seconds: null, engines: 1, waiting: 0 }), '');
});
test('means are weighed by how many they are of', () => {
    const buckets = [
        { completed: 1, mean_seconds: 10 },
        { completed: 3, mean_seconds: 2 },
        { completed: 0, mean_seconds: null },
    ];
    assert.equal(meanOf(buckets), 4);
    assert.equal(meanOf([]), null);
});

test('no more than a few are done at once, and all in the end', async () => {
    let [now, most] = [0, 0];
    const done = [];
    await few([1, 2, 3, 4, 5], 2, async (one) => {
        now += 1;
        most = Math.max(most, now);
        await null;
        now -= 1;
        done.push(one);
    });
    assert.equal(most, 2);
    assert.deepEqual(done.sort(), [1, 2, 3, 4, 5]);
});
test('what goes wrong ends the rest', async () => {
    const begun = [];
    const work = async (one) => {
        begun.push(one);
        throw new Error('no');
    };
    await assert.rejects(few([1, 2, 3], 1, work), /no/);
    assert.deepEqual(begun, [1]);
});
