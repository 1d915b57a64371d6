import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
    begun,
    recorded,
    redone,
    TOGETHER,
    undone,
} from '../../../src/comfy_gen/studio/static/views/create/history.js';

const START = { text: '', steps: null };

/** @param {string} text */
const typed = (text, steps = null) => ({ text, steps });

test('what was changed is undone and done again', () => {
    const first = recorded(begun(START), typed('a'), 0);
    const second = recorded(first, typed('a', 20), 0);
    assert.deepEqual(undone(second).present, typed('a'));
    assert.deepEqual(undone(undone(second)).present, START);
    assert.deepEqual(redone(undone(second)).present, typed('a', 20));
});

test('typing in one go is one step', () => {
    const first = recorded(begun(START), typed('a'), 0);
    const second = recorded(first, typed('ab'), TOGETHER - 1);
    assert.deepEqual(undone(second).present, START);
    const later = recorded(second, typed('abc'), 2 * TOGETHER);
    assert.deepEqual(undone(later).present, typed('ab'));
});

test('a change after undoing forgets what could be done again', () => {
    const back = undone(recorded(begun(START), typed('a'), 0));
    const other = recorded(back, typed('b'), 1);
    assert.equal(redone(other), other);
    assert.deepEqual(undone(other).present, START);
});

test('nothing is recorded where nothing changed', () => {
    const history = recorded(begun({ loras: [{ name: 'a' }] }), { loras: [{ name: 'a' }] }, 0);
    assert.equal(history.past.length, 0);
    assert.equal(undone(history), history);
    assert.equal(redone(history), history);
});

test('the oldest steps are forgotten', () => {
    let history = begun({ steps: 0 });
    for (let step = 1; step <= 500; step += 1) history = recorded(history, { steps: step }, step * 10 * TOGETHER);
    assert.equal(history.past.length, 200);
});
