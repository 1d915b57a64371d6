import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
    board,
    foreseen,
    isWanted,
    moved,
    paceOf,
    percentOf,
    placeIn,
    targetOf,
    waitOf,
} from '../../../src/comfy_gen/studio/static/views/live/line.js';

const job = (id, state = 'queued', more = {}) => ({
    id,
    state,
    title: `a ${id}`,
    is_held: false,
    rank: 0,
    seq: 0,
    started: null,
    ended: null,
    engine: null,
    owner: '',
    steps: null,
    ...more,
});
const ids = (jobs) => jobs.map((one) => one.id).join('');

test('each job is in one part, in the order of that part', () => {
    const { running, waiting, held, ended } = board([
        job('a', 'queued', { rank: 5, seq: 1 }),
        job('b', 'queued', { rank: -5, seq: 9 }),
        job('c', 'queued', { rank: 5, seq: 0 }),
        job('d', 'queued', { is_held: true }),
        job('e', 'generating', { started: 20 }),
        job('f', 'preprocessing', { started: 10 }),
        job('g', 'failed', { ended: 50 }),
        job('h', 'completed', { ended: 60 }),
        job('i', 'cancelled', { ended: 40 }),
        job('j', 'partial', { ended: 70 }),
        job('k', 'postprocessing', { started: 30 }),
    ]);
    assert.deepEqual([ids(running), ids(waiting), ids(held), ids(ended)], ['fek', 'bca', 'd', 'jhgi']);
});

test('job is wanted if all words are in what is shown of it', () => {
    const one = job('fox', 'failed', { title: 'A red Fox', engine: 'gpu-1', owner: 'anna' });
    const wanted = (text, show = '') => isWanted(one, { text, show });
    assert.ok(wanted('') && wanted('fox RED') && wanted('gpu-1') && wanted('anna red'));
    assert.ok(!wanted('fox blue'));
    assert.ok(wanted('', 'failed') && wanted('', 'ended') && !wanted('', 'completed') && !wanted('', 'waiting'));
});

test('what is moved stands where it should, and the others keep their order', () => {
    const order = ['a', 'b', 'c', 'd'];
    assert.deepEqual(moved(order, 'a', 2), ['b', 'c', 'a', 'd']);
    assert.deepEqual(moved(order, 'd', 0), ['d', 'a', 'b', 'c']);
    assert.deepEqual(moved(order, 'b', 99), ['a', 'c', 'd', 'b']);
    assert.deepEqual(moved(order, 'b', -9), ['b', 'a', 'c', 'd']);
    assert.deepEqual(moved(order, 'z', 0), order);
});

test('place is said by the next that still waits, else by the one before', () => {
    const order = ['a', 'b', 'c', 'd'];
    const all = () => true;
    assert.deepEqual(placeIn(order, 'b', all), { before: 'c' });
    assert.deepEqual(placeIn(order, 'd', all), { after: 'c' });
    assert.deepEqual(
        placeIn(order, 'b', (id) => id !== 'c'),
        { before: 'd' },
    );
    assert.deepEqual(
        placeIn(order, 'b', (id) => id === 'a'),
        { after: 'a' },
    );
    assert.equal(
        placeIn(order, 'b', () => false),
        null,
    );
});

test('what was asked for is foreseen, one after the other, however the line has changed', () => {
    const order = ['a', 'b', 'c', 'd'];
    const asked = [
        { id: 'd', place: { before: 'b' } },
        { id: 'a', place: { after: 'd' } },
    ];
    assert.deepEqual(foreseen(order, asked), ['d', 'a', 'b', 'c']);
    assert.deepEqual(foreseen(['a', 'b', 'c'], asked), ['a', 'b', 'c']);
    assert.deepEqual(foreseen(['c', 'd'], asked), ['c', 'd']);
    assert.deepEqual(foreseen(order, []), order);
});

test('any move is foreseen as it is asked for', () => {
    const order = ['a', 'b', 'c', 'd', 'e'];
    for (const id of order)
        for (let at = 0; at < order.length; at += 1) {
            const wanted = moved(order, id, at);
            const place = placeIn(wanted, id, () => true);
            assert.deepEqual(foreseen(order, [{ id, place }]), wanted, `${id} to ${at}`);
        }
});

test('row that is dragged stands where it has passed the middle of others', () => {
    const rows = [0, 50, 100, 150].map((top) => ({ top, height: 50 }));
    const cases = [
        [1, 0, 1],
        [1, 24, 1],
        [1, 26, 2],
        [1, 999, 3],
        [1, -24, 1],
        [1, -26, 0],
        [3, -999, 0],
        [9, 10, 9],
    ];
    for (const [from, by, at] of cases) assert.equal(targetOf(rows, from, by), at, `${from} by ${by}`);
});

test('pace of the line goes by what ended last, and what runs is before it', () => {
    const ended = [10, 30, 20].map((took, at) => job(`e${at}`, 'completed', { started: 0, ended: took }));
    const running = [job('r', 'generating', { engine: 'one' }), job('s', 'generating', { engine: 'two' })];
    const left = (one) => (one.id === 'r' ? 4 : null);
    const pace = paceOf({ running, ended, waiting: [], held: [] }, left, 1000);
    assert.deepEqual(pace, { typical: 20, engines: 2, ahead: 24, at: 1000 });
    assert.equal(waitOf(pace, 1, 1000), 22);
    assert.equal(waitOf(pace, 3, 1002), 40);
    assert.equal(waitOf(pace, 1, 9000), 0);
});

test('nobody knows the pace before anything was completed', () => {
    const ended = [job('a', 'failed', { started: 0, ended: 5 })];
    assert.equal(
        paceOf({ running: [], ended, waiting: [], held: [] }, () => null, 0),
        null,
    );
});

test('percent is that of the steps, and nobody knows it without them', () => {
    assert.equal(percentOf(job('a', 'generating', { steps: { value: 5, max: 20, node: '' } })), 25);
    assert.equal(percentOf(job('a', 'generating', { steps: { value: 0, max: 0, node: '' } })), null);
    assert.equal(percentOf(job('a', 'generating')), null);
    assert.equal(percentOf(job('a', 'postprocessing')), 100);
});
