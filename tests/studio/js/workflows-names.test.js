import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
    bodyOf,
    byNode,
    changesIn,
    placed,
    rowsOf,
    suggested,
    wrongIn,
} from '../../../src/comfy_gen/studio/static/views/workflows/names.js';
import { matching } from '../../../src/comfy_gen/studio/static/views/workflows/searching.js';

const input = (node_id, name, called = null, more = {}) => ({
    ...{ node_id, node_title: 'N', class_type: 'C', input: name, value: 1, type: 'integer', choices: null },
    ...{ name: called, title: called ? 'Title' : '', description: '', ...more },
});
const INPUTS = [
    input('1', 'steps', 'steps'),
    input('1', 'cfg'),
    input('2', 'steps', 'steps'),
    input('3', 'text', 'prompt'),
];

test('of several places that one input sets, the first has its name', () => {
    assert.deepEqual(
        rowsOf(INPUTS).map(({ name, along }) => [name, along]),
        [
            ['steps', ''],
            ['', ''],
            ['', 'steps'],
            ['prompt', ''],
        ],
    );
});

test('what is sent are the names, and the titles that somebody wrote', () => {
    const rows = rowsOf(INPUTS);
    assert.deepEqual(
        bodyOf(rows, {
            '1:steps': { name: ' count ' },
            '1:cfg': { name: 'cfg', title: ' How ' },
            '3:text': { name: '' },
        }),
        [
            { node_id: '1', input: 'steps', name: 'count' },
            { node_id: '1', input: 'cfg', name: 'cfg', title: 'How' },
        ],
    );
});

test('changes are counted, and what was put back is none', () => {
    const rows = rowsOf(INPUTS);
    assert.equal(changesIn(rows, {}), 0);
    assert.equal(changesIn(rows, { '1:steps': { name: 'steps', title: 'Title' } }), 0);
    assert.equal(
        changesIn(rows, { '1:steps': { title: 'Other' }, '3:text': { name: '' }, '1:cfg': { title: 'unnamed' } }),
        2,
    );
});

test('all names that cannot be say why', () => {
    const wrong = wrongIn(rowsOf(INPUTS), {
        '1:cfg': { name: 'steps' },
        '2:steps': { name: 'Bad Name' },
        '3:text': { name: 'self' },
    });
    assert.deepEqual(Object.keys(wrong), ['1:cfg', '2:steps', '3:text']);
});

test('a name is suggested that no other input has', () => {
    const rows = rowsOf([...INPUTS, input('4', 'text'), input('4', 'Höhe 2')]);
    assert.equal(suggested(rows[4], rows, {}), 'prompt_2');
    assert.equal(suggested(rows[1], rows, {}), 'cfg');
    assert.match(suggested(rows[5], rows, {}), /^[a-z][a-z0-9_]*$/);
});

test("the service's objections stand at their rows", () => {
    const rows = rowsOf(INPUTS);
    const sentences = ["inputs[1].name is 'x', but", "the workflow has no node '77'", 'inputs.0.name: too long'];
    assert.deepEqual(placed({ sentences, details: {} }, [rows[0], rows[3]]), {
        fields: { '3:text': sentences[0], '1:steps': sentences[2] },
        others: [sentences[1]],
    });
});

test('rows stand by their nodes', () => {
    assert.deepEqual(
        byNode(rowsOf(INPUTS)).map(({ id, rows }) => [id, rows.length]),
        [
            ['1', 2],
            ['2', 1],
            ['3', 1],
        ],
    );
});

test('workflows are searched by all words, filtered, and sorted with the saved ones first', () => {
    const one = (name, title, source = 'shipped', output = 'image') => ({
        name,
        title,
        summary: 'Small',
        source,
        output,
    });
    const all = [one('b', 'Beta'), one('a', ''), one('v', 'Video', 'shipped', 'video'), one('m', 'Mine', 'saved')];
    const names = (filter) => matching(all, { text: '', source: '', output: '', ...filter }).map(({ name }) => name);
    assert.deepEqual(names({}), ['m', 'a', 'b', 'v']);
    assert.deepEqual(names({ source: 'saved' }), ['m']);
    assert.deepEqual(names({ output: 'video' }), ['v']);
    assert.deepEqual(names({ text: 'small BET' }), ['b']);
});
