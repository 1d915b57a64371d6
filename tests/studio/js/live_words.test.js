import assert from 'node:assert/strict';
import { test } from 'node:test';
import { literals, sentenceOf } from '../../../src/comfy_gen/studio/static/views/live/told.js';
import {
    adviceOf,
    doneIn,
    endsOf,
    leftOf,
    secondsLeft,
    stateOf,
    stepOf,
    titleOf,
    tookOf,
} from '../../../src/comfy_gen/studio/static/views/live/words.js';

const job = (more) => ({
    id: '0123456789',
    title: 'a fox',
    state: 'queued',
    is_held: false,
    error: null,
    eta: null,
    steps: null,
    started: null,
    ended: null,
    message: '',
    ...more,
});

test('job without a title is called by its id', () => {
    assert.equal(titleOf(job()), 'a fox');
    assert.equal(titleOf(job({ title: '' })), 'Job 01234567');
});

test('state is said in words, and what waits says for what', () => {
    assert.equal(stateOf(job()), 'Waiting');
    assert.equal(stateOf(job({ is_held: true })), 'Held');
    assert.equal(stateOf(job({ error: { message: 'no' } })), 'Waiting to be tried again');
    assert.equal(stateOf(job({ state: 'generating', progress: 0 })), 'Sent to its engine');
    assert.equal(stateOf(job({ state: 'generating', progress: 30 })), 'Generating');
    assert.equal(stateOf(job({ state: 'partial' })), 'Completed in part');
    assert.equal(stateOf(job({ state: 'new' })), 'new');
});

test('step is said with the node where that is known', () => {
    assert.equal(stepOf(job()), '');
    assert.equal(stepOf(job({ steps: { value: 3, max: 20, node: 'KSampler' } })), 'Step 3 of 20 · KSampler');
    assert.equal(stepOf(job({ steps: { value: 3, max: 20, node: '' } })), 'Step 3 of 20');
});

test('time left counts down from when it was told', () => {
    const one = job({ eta: { median: 10, p90: 12, samples: 3 } });
    assert.equal(secondsLeft(one, 100, 104), 6);
    assert.equal(secondsLeft(one, 100, 900), 0);
    assert.equal(secondsLeft(job(), 100, 104), null);
});

test('time left is said as roughly as it is known', () => {
    assert.equal(leftOf(null), '');
    assert.equal(leftOf(0.4), 'any moment');
    assert.equal(leftOf(41.2), 'about 42 s left');
    assert.equal(leftOf(127), 'about 2 min 10 s left');
    assert.equal(leftOf(1830), 'about 31 min left');
    assert.equal(doneIn(null), '');
    assert.equal(doneIn(0), 'done soon');
    assert.equal(doneIn(90), 'done in about 1 min 30 s');
});

test('time taken is in whole seconds as long as it goes on', () => {
    assert.equal(tookOf(job(), 50), '');
    assert.equal(tookOf(job({ started: 40 }), 47.9), '7 s');
    assert.equal(tookOf(job({ started: 40 }), 30), '0 s');
    assert.equal(tookOf(job({ started: 40, ended: 43.26 }), 99), '3.3 s');
});

test('ends are told one by one, and many at once as a number', () => {
    const failed = job({ title: 'a hen', state: 'failed', error: { message: 'no memory' } });
    const made = job({ state: 'completed' });
    assert.equal(endsOf([made]), 'a fox: completed');
    assert.equal(endsOf([made, failed]), 'a fox: completed. a hen failed: no memory');
    assert.equal(endsOf([made, failed, made]), '3 jobs ended, 1 of them failed');
    assert.equal(endsOf([made, made, made]), '3 jobs ended');
});

test('what to do is said as it is done here', () => {
    assert.match(adviceOf({ code: 'quarantined', hint: 'comfygen jobs show' }), /^Open it/);
    assert.equal(adviceOf({ code: 'other', hint: 'do this' }), 'do this');
});

test('events are told as sentences', () => {
    const told = (type, data) => sentenceOf({ type, data });
    assert.equal(told('state', { state: 'generating', engine: 'gpu', attempt: 2 }), 'Generating on gpu, attempt 2');
    assert.equal(told('state', { state: 'failed', failure: { message: 'no' } }), 'Failed: no');
    assert.equal(told('note', { text: 'held' }), 'Held');
    assert.equal(
        told('progress', { progress: 0.5, class_type: 'KSampler', value: 3, max: 6 }),
        '50 %, step 3 of 6 of KSampler',
    );
    assert.equal(told('progress', {}), '0 %');
    assert.match(told('note', { at: 0, text: 'x' }), / {2}X$/);
    assert.equal(told('other', {}), 'Other');
});

test('settings are what a workflow has written in it, and not what comes from other nodes', () => {
    const workflow = {
        1: { class_type: 'KSampler', inputs: { seed: 7, model: ['2', 0], name: 'euler' }, _meta: { title: 'Sampler' } },
        2: { class_type: 'Loader', inputs: { a: ['1', 0] } },
        3: { class_type: 'Empty' },
    };
    assert.deepEqual(literals(workflow), [
        {
            node: 'Sampler (1)',
            inputs: [
                ['seed', '7'],
                ['name', 'euler'],
            ],
        },
    ]);
});
